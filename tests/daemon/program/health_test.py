#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A lab that checks its devices by itself: real daemon, runners and driver, machines that are up at once."""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from fast_lab import FastLab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class HealthTest(unittest.TestCase):
    def make_lab(self, **more):
        lab = FastLab(PROGRAMS, checks=True, **more)
        self.addCleanup(lab.close)
        return lab

    def healths(self, lab, seconds=60):
        """Of all devices, when none is in doubt any more."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            devices = lab.get("/api/v0.2/devices/", token=None).json()["results"]
            if all(device["health"] != "Unknown" and device["state"] == "Idle" for device in devices):
                return [device["health"] for device in devices]
            time.sleep(0.05)
        raise AssertionError(devices)

    def test_devices_reach_good_by_themselves(self):
        lab = self.make_lab().start()
        self.assertEqual(self.healths(lab), ["Good", "Good"])
        jobs = lab.get("/api/v0.2/jobs/", token=None).json()["results"]
        self.assertEqual([(job["description"], job["health_check"], job["submitter"], job["health"]) for job in jobs],
                         [("smoke check", True, "lava-health", "Complete")] * 2)
        lab.kill()
        lab.start()
        self.assertEqual(lab.get("/api/v0.2/jobs/", token=None).json()["count"], 2, "Good ones are not asked again")

    def test_a_device_whose_machine_does_not_start_is_bad(self):
        lab = self.make_lab(devices=1)
        (lab.state / "machines" / "qemu-system-x86_64").write_text("#!/bin/sh\necho no such machine >&2\nexit 1\n")
        lab.start()
        self.assertEqual(self.healths(lab), ["Bad"])

    def test_a_jobs_word_is_as_good_and_no_job_waits_for_a_check(self):
        lab = self.make_lab(devices=1)
        lab.start()
        lab.add_user()
        number = lab.submit(lab.fast_job("fast.cases=2"))
        self.assertEqual(lab.wait(number)["health"], "Complete")
        self.assertEqual(self.healths(lab), ["Good"])

    def test_a_health_check_of_the_configuration_runs_on_each_device(self):
        lab = self.make_lab(more="device_types: {qemu: {health_check: check.yaml}}\n")
        check = lab.state / "check.yaml"
        check.write_text(lab.fast_job("fast.cases=1", name="our check"))
        lab.config.write_text(lab.config.read_text().replace("check.yaml", str(check)))
        lab.start()
        self.assertEqual(self.healths(lab), ["Good", "Good"])
        jobs = lab.get("/api/v0.2/jobs/", token=None).json()["results"]
        self.assertEqual([job["description"] for job in jobs], ["our check", "our check"])
        lab.add_user()
        check.write_text(lab.fast_job("fast.silent", name="our check", minutes=1))
        answer = lab.request("POST", "/api/v0.2/devicetypes/qemu/health_check/", {"config": check.read_text()})
        self.assertEqual(answer.status, 400)
        self.assertIn("device_types.qemu.health_check", answer.body.decode())


if __name__ == "__main__":
    unittest.main()
