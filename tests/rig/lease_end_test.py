# SPDX-License-Identifier: Apache-2.0
"""However a lease ends, the board is off: each driver of supplies under a real daemon and its runners, and a real kernel.

Each driver and each way to end; with PATCHBAY_RIG_ROUNDS of 4 or more, each driver in each way."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import AcmRelay, GpioChip, HidRelay, Hub, Rig, testing  # noqa: E402
from rig_lab import STATE, RigLab  # noqa: E402

TURNS = min(4, max(1, int(os.environ.get("PATCHBAY_RIG_ROUNDS", "1"))))
WAYS = {"end": "Complete", "cancel": "Canceled", "time": "Incomplete", "death": "Incomplete"}  # the job's health then

# A board that says "ready" again and again. An empty line quiets it for a while: so it seems to be off when it is asked, as it is
# where nothing can be read back of its supply.
CONSOLE = {"driver": "command", "command": "bash -c 'while echo ready; do if read -t 0.2; then sleep 3; fi; done'"}

JOB = """\
device_type: {kind}
job_name: {kind}
visibility: public
priority: medium
timeouts:
  job: {{seconds: {seconds}}}
  action: {{minutes: 2}}
actions:
- boot: {{method: minimal, parameters: {{kernel-start-message: ''}}, prompts: ['{prompt}'], timeout: {{minutes: 2}}}}
"""


class LeaseEnds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig())
        relay = cls.rig.plug(HidRelay(channels=2, identity="LAB01"))
        frames = cls.rig.plug(AcmRelay(channels=2, serial="R7"))
        gpio = cls.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        hub = cls.rig.plug(Hub(serial="HUB1"))
        supplies = {"hid-relay": {"relay": "LAB01", "channel": 1}, "serial-relay": {"serial_number": "R7", "channel": 1},
                    "gpio": {"chip": "lab-gpio", "line": "POWER"}, "usb-hub-port": {"usb_path": hub.usb_path, "port": 2}}
        cls.is_on = {"hid-relay": lambda: relay.on == {1}, "serial-relay": lambda: frames.on == {1},
                     "gpio": lambda: gpio.level("POWER") == 1, "usb-hub-port": lambda: hub.ports[2].powered}
        devices = [{"name": kind, "device_type": kind, "hardware": {"console": CONSOLE, "power": {"driver": kind, **keys}}}
                   for kind, keys in supplies.items()]
        cls.lab = RigLab(cls.rig, devices).start()

    def runner_of(self, number):
        """The pid of a job's runner."""
        folder = self.rig.shell(f"grep -slE '\"job\": ?{number}[,}}]' {STATE}/leases/*/lease.json || true").strip().removesuffix("/lease.json")
        return self.rig.shell(f"pgrep -f 'patchbay-runner --lease {folder}$'").split()[0]

    def end(self, way, number):
        if way == "cancel":
            self.lab.get(f"/api/v0.2/jobs/{number}/cancel/")
        elif way == "death":
            self.rig.shell(f"kill -9 {self.runner_of(number)}")

    def test_by_its_end_by_cancel_by_time_and_by_the_death_of_its_runner(self):
        for turn in range(TURNS):
            ways = {kind: list(WAYS)[(place + turn) % len(WAYS)] for place, kind in enumerate(self.is_on)}
            jobs = {kind: self.lab.submit(JOB.format(kind=kind, prompt="ready" if way == "end" else "never",
                                                     seconds=20 if way == "time" else 100)) for kind, way in ways.items()}
            for kind, way in ways.items():
                if way not in ("end", "time"):  # those may be over
                    self.rig.poll(self.is_on[kind], f"{kind} was not switched on:\n{self.lab.daemon_log()}")
                    self.end(way, jobs[kind])
            for kind, way in ways.items():
                with self.subTest(kind, way=way):
                    job = self.lab.wait(jobs[kind])
                    log = "\n".join(self.lab.log_lines(jobs[kind])[-20:])
                    self.assertEqual(job["health"], WAYS[way], log)
                    self.assertTrue(any('"case": "pdu-reboot"' in line and '"pass"' in line for line in self.lab.log_lines(jobs[kind])), log)
                    self.rig.poll(lambda kind=kind: not self.is_on[kind](), f"{kind} is on, and its lease is over:\n{log}")


if __name__ == "__main__":
    testing.main()
