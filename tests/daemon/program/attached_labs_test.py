#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two patchbayds: one is the LAVA server, the other attaches to it and runs its jobs on its own devices."""

import json
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from fast_lab import FastLab  # noqa: E402
from lab import Lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class AttachedLabsTest(unittest.TestCase):
    def setUp(self):
        self.server = Lab(PROGRAMS)
        self.addCleanup(self.server.close)
        self.server.config.write_text(
            "devices: [{name: board-far-away, device_type: qemu, worker: bench}]\n"
            "device_types: {qemu: {disable_health_check: true}}\n")
        self.server.start()
        self.server.add_user()
        secret = subprocess.run(self.server.command("worker", "token", "bench"), check=True, stdout=subprocess.PIPE,
                                text=True).stdout.split()[-1]
        self.lab = FastLab(PROGRAMS, devices=1)
        self.addCleanup(self.lab.close)
        token = self.lab.state / "worker.token"
        token.write_text(secret)
        attach = {"name": "far", "server": self.server.url, "worker": "bench", "token_file": str(token),
                  "user": "guest", "devices": {"board-far-away": "qemu"}, "interval": "1s"}
        config = self.lab.config.read_text().replace("- {name: qemu, count: 1}", "- {name: qemu}")
        self.lab.config.write_text(config + "device_types: {qemu: {disable_health_check: true}}\n"
                                            "attach: " + json.dumps([attach]) + "\n")
        self.lab.add_user()
        self.lab.add_user("guest", superuser=False)
        self.lab.start()

    def messages(self, lab, number):
        return [json.loads(line[2:]) for line in lab.log_lines(number)]

    def wait_for_line(self, number, words, seconds=90):
        end = time.monotonic() + seconds
        while not any(words in line for line in self.server.log_lines(number)):
            self.assertLess(time.monotonic(), end, self.server.daemon_log() + self.lab.daemon_log())
            time.sleep(0.05)

    def expect_complete(self, number):
        self.assertEqual(self.server.wait(number)["health"], "Complete", self.server.daemon_log())
        ours = self.lab.get("/api/v0.2/jobs/").json()["results"]
        self.assertEqual([(job["submitter"], job["health"]) for job in ours], [("guest", "Complete")])
        theirs, here = self.messages(self.server, number), self.messages(self.lab, ours[0]["id"])
        self.assertEqual([line["msg"] for line in theirs], [line["msg"] for line in here])
        tests = self.server.get(f"/api/v0.2/jobs/{number}/tests/").json()["results"]
        names = [test["name"] for test in tests]
        self.assertEqual(names.count("job"), 1)
        self.assertEqual([names.count(f"case_{i}") for i in range(3)], [1, 1, 1])

    def test_a_job_of_one_runs_on_the_device_of_the_other(self):
        number = self.server.submit(self.lab.fast_job("fast.cases=3"))
        self.expect_complete(number)
        self.assertEqual(self.server.job(number)["actual_device"], "board-far-away")

    def test_both_are_killed_in_the_middle(self):
        number = self.server.submit(self.lab.fast_job("fast.lines=400 fast.spread=8000 fast.cases=3"))
        self.wait_for_line(number, "console line 5 of")
        self.lab.kill()
        self.lab.start()
        self.wait_for_line(number, "console line 100 of")
        self.server.kill()
        self.server.start()
        self.expect_complete(number)

    def test_a_cancel_there_is_one_here(self):
        number = self.server.submit(self.lab.fast_job("fast.silent"))
        self.server.wait(number, states=("Running",))
        self.server.get(f"/api/v0.2/jobs/{number}/cancel/")
        self.assertEqual(self.server.wait(number)["health"], "Canceled")
        self.assertEqual(self.lab.wait(1)["health"], "Canceled")


if __name__ == "__main__":
    unittest.main()
