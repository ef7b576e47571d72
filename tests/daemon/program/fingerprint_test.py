#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two boards whose console cables are swapped get no job, and say why, until somebody puts the cables right."""

import json
import pathlib
import sys
import threading
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "rig")]
import lab as labs  # noqa: E402
from boards import Bench  # noqa: E402
from rig import SerialBoard  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()

CHECK = """\
job_name: our check
visibility: public
timeouts: {job: {minutes: 3}, action: {minutes: 2}, connection: {minutes: 2}}
actions:
- boot: {method: minimal, prompts: ['=> ']}
"""
JOB = CHECK.replace("our check", "work") + "device_type: board\n"


class PoweredTogether(SerialBoard):
    """With `others`, it gets power when they do: what it says then is said while each of them is listened to."""

    others = None

    def power(self, on):
        if on and self.others:
            self.others.wait(60)
        super().power(on)


class FingerprintTest(unittest.TestCase):
    def setUp(self):
        names = ("board-01", "board-02")
        self.benches = [self.enterContext(Bench(PoweredTogether, name)) for name in names]
        devices = [{"name": name, "device_type": "board", "fingerprint": [f"Board: {name}"], "hardware": bench.hardware}
                   for name, bench in zip(names, self.benches)]
        self.lab = self.enterContext(labs.Lab(PROGRAMS, checks=True))
        check = self.lab.state / "check.yaml"
        check.write_text(CHECK)
        self.lab.write_config(f"devices: {json.dumps(devices)}\ndevice_types: {{board: {{health_check: {check}}}}}\n")

    def connect(self, *lines):
        """The boards' consoles, in their order."""
        for bench, line in zip(self.benches, lines):
            bench.board.wire(line)

    def health(self, name):
        return self.lab.get(f"/api/v0.2/devices/{name}/").json()["health"]

    def until_health(self, name, health):
        self.lab.until(lambda: self.health(name) == health, f"{name} is not {health}")

    def hindrances(self, job):
        return {answer["device"]: answer["text"] for answer in self.lab.get(f"/api/v0.2/jobs/{job}/why/").json()["devices"]}

    def test_swapped_consoles_keep_every_job_away_until_they_are_right(self):
        first, second = (bench.line for bench in self.benches)
        PoweredTogether.others = threading.Barrier(2)
        self.connect(second, first)
        self.lab.start()
        self.lab.add_user()
        for name in ("board-01", "board-02"):
            self.until_health(name, "Bad")
        job = self.lab.submit(JOB)
        answers = self.hindrances(job)
        for name, other in (("board-01", "board-02"), ("board-02", "board-01")):
            self.assertRegex(answers[name], rf"^its health is Bad: health check \d+ failed: device {name}: its console did not say "
                             rf"'Board: {name}', but: Board: {other} \|")
            self.assertIn("are the console cables of two boards swapped?", answers[name])
        self.assertEqual(self.lab.job(job)["state"], "Submitted")
        self.assertEqual([bench.board.powered for bench in self.benches], [False, False])

        PoweredTogether.others = None
        self.connect(first, second)
        self.lab.request("POST", "/api/v0.2/devices/board-01/set_health/", {"health": "UNKNOWN", "reason": "cables are right"})
        self.until_health("board-01", "Good")
        done = self.lab.wait(job)
        self.assertEqual((done["health"], done["actual_device"]), ("Complete", "board-01"), self.lab.log_lines(job)[-5:])
        self.assertEqual(self.health("board-02"), "Bad")
        checks = [one["health"] for one in self.lab.get("/api/v0.2/jobs/").json()["results"] if one["health_check"]]
        self.assertEqual(sorted(checks), ["Complete", "Incomplete", "Incomplete"])


if __name__ == "__main__":
    unittest.main()
