# SPDX-License-Identifier: Apache-2.0
"""Devices that change while the daemon serves: `patchbayd reload`."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import board_lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin")


class ReloadTest(board_lab.BoardLabTest):
    programs = PROGRAMS

    def reload(self, code=0):
        self.lab.write_config(self.configuration())
        done = subprocess.run(self.lab.command("reload"), text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr

    def reloaded(self, times=1):
        self.until(lambda: self.lab.daemon_log().count("devices reloaded") == times, "it reads them again")

    def is_retired(self, device):
        return self.lab.get("/api/v0.2/devices/%s/" % device).status == 404

    def job(self, device_type="board"):
        return self.lab.submit("job_name: nothing\ndevice_type: %s\nvisibility: public\n"
                               "timeouts: {job: {minutes: 1}, action: {minutes: 1}, connection: {minutes: 1}}\n"
                               "actions:\n- boot: {method: minimal, prompts: ['=> '], parameters: {kernel-start-message: Hit any key}}\n" % device_type)

    def test_a_changed_device_finishes_its_lease_first(self):
        first = self.power_on()
        moved = self.boards / "moved"
        moved.mkdir()
        (moved / "power").write_text("off")
        (moved / "reset").write_text("off")
        self.devices[0] = board_lab.board("board-01", moved)
        self.devices[1] = dict(self.devices[1], name="board-03")
        self.reload()
        self.reloaded()
        self.assertTrue(self.is_retired("board-02"))
        self.assertEqual(self.device("board-03")["state"], "Idle")
        self.assertTrue(self.is_on())
        self.cli("alice", "power", "off", "board-01")
        self.assertFalse(self.is_on(), "the lease knows the outlet that it began with")
        self.cli("alice", "power", "on", "board-01")
        self.cli("alice", "release", "board-01")
        self.lab.wait(first)
        self.assertFalse(self.is_on())
        self.power_on()
        self.assertTrue(self.is_on("moved"), "the next one has the new outlet")
        self.assertFalse(self.is_on())

    def test_a_device_that_left_the_file_finishes_its_lease(self):
        job = self.power_on()
        gone = self.devices.pop(0)
        self.reload()
        self.reloaded()
        self.assertTrue(self.is_retired("board-01"))
        self.assertTrue(self.is_on())
        self.cli("alice", "release", "board-01")
        self.assertEqual(self.lab.wait(job)["health"], "Complete")
        self.assertFalse(self.is_on())
        self.assertTrue(self.is_retired("board-01"))
        refused = self.lab.request("POST", "/api/v0.2/leases/", {"device": "board-01"})
        self.assertEqual((refused.status, "board-01" in refused.body.decode()), (400, True), refused.body)
        self.devices.insert(0, gone)
        self.reload()
        self.reloaded(2)
        self.assertEqual(self.device()["health"], "Good")

    def test_mistakes_change_nothing_and_are_all_told(self):
        good = self.configuration()
        self.devices[0]["hardware"]["power"]["driver"] = "comand"
        self.devices[1]["hardware"]["console"].pop("command")
        self.devices.append({"name": "board-04", "device_type": "board", "tag": ["x"]})
        problems = self.reload(code=1)
        self.assertIn("unknown key 'tag'", problems)
        self.lab.write_config(self.configuration())
        self.devices.pop()
        problems = self.reload(code=1)
        self.assertIn("comand", problems)
        self.assertIn("command", problems)
        self.lab.daemon.send_signal(1)
        self.until(lambda: "devices not reloaded, the old descriptions hold" in self.lab.daemon_log(), "it says so")
        job = self.lab.wait(self.job())
        self.assertEqual(job["health"], "Complete", self.log(job["id"]))
        self.lab.write_config(good)

    def test_a_file_that_is_spoilt_later_makes_its_device_bad_until_it_is_mended(self):
        file = self.boards / "lava-01.yaml"
        good = json.loads(file.read_text())
        file.write_text(json.dumps(dict(good, constants={"spawn_maxread": "none"})))
        job = self.lab.wait(self.job("lava-board"))
        self.assertEqual(job["health"], "Incomplete")
        self.assertEqual(self.device("lava-01")["health"], "Bad")
        self.assertEqual(self.device("lava-01")["state"], "Idle")
        self.assertIn("its description has mistakes", self.cli("alice", "why", str(self.job("lava-board"))))
        log = self.lab.daemon_log()
        self.assertIn("constants.spawn_maxread: must be a whole number", log)
        self.assertNotIn("not in its safe state", log)
        self.assertIn("spawn_maxread", self.reload(code=1))
        file.write_text(json.dumps(good))
        self.reload()
        self.reloaded()
        self.assertEqual(self.device("lava-01")["health"], "Good")
        self.cli("alice", "acquire", "lava-01", "--wait")


if __name__ == "__main__":
    only = sys.argv[2:]
    unittest.main(argv=[sys.argv[0], *only], verbosity=2)
