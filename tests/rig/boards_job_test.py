# SPDX-License-Identifier: Apache-2.0
"""A job at a board that loads its kernel over the network, of a lab on this machine and of one in the rig."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, parts, testing  # noqa: E402
from rig import Board, Ftdi, HidRelay, Rig  # noqa: E402
from rig.testing import programs  # noqa: E402
from rig_lab import RigLab, labs  # noqa: E402

JOB = """\
device_type: board
job_name: files by TFTP
visibility: public
priority: medium
timeouts:
  job: {minutes: 3}
  action: {minutes: 2}
  connection: {minutes: 2}
actions:
- boot:
    method: minimal
    parameters: {kernel-start-message: ''}
    prompts: ['Hit any key to stop autoboot']
- test:
    timeout: {minutes: 2}
    interactive:
    - name: u-boot
      prompts: ['=> ']
      script:
      - name: stop-autoboot
        command: ''
      - name: address
        command: setenv autoload no; dhcp
        successes: [{message: 'bound to address 192.168.77.'}]
      - name: kernel
        command: setenv serverip 192.168.77.1; tftpboot ${kernel_addr_r} Image-arm64
        successes: [{message: 'Bytes transferred'}]
"""


class Jobs(unittest.TestCase):
    def setUp(self):
        self.lan = self.enterContext(Lan(tftp=parts()))

    def completes(self, lab, board):
        number = lab.submit(JOB)
        job = lab.wait(number, seconds=240)
        log = "\n".join(lab.log_lines(number)[-40:])
        self.assertEqual(job["health"], "Complete", log)
        results = lab.get(f"/api/v0.2/jobs/{number}/tests/?limit=200").json()["results"]
        passed = {test["name"] for test in results if test["result"] == "pass"}
        self.assertLessEqual({"stop-autoboot", "address", "kernel", "job"}, passed, log)
        self.assertEqual((board.powered, board.starts), (False, 1))

    def test_of_a_lab_on_this_machine(self):
        bench = self.enterContext(Bench(Board, lan=self.lan))
        device = {"name": "board-01", "device_type": "board", "hardware": bench.hardware}
        configuration = f"devices: {json.dumps([device])}\ndevice_types: {{board: {{disable_health_check: true}}}}\n"
        lab = self.enterContext(labs.Lab(programs(), configuration)).start()
        lab.add_user()
        self.completes(lab, bench.board)

    def test_of_a_lab_in_the_rig(self):
        rig = self.enterContext(Rig())
        relay, adapter = rig.plug(HidRelay(channels=2, identity="LAB01")), rig.plug(Ftdi(serial="CONSOLE1"))
        board = self.enterContext(Board(adapter.line, lan=self.lan))
        relay.contacts.on_switch = lambda channel, on: board.power(on)
        hardware = {"console": {"driver": "serial", "serial_number": "CONSOLE1", "speed": 115200},
                    "power": {"driver": "hid-relay", "relay": "LAB01", "channel": 1}}
        lab = RigLab(rig, [{"name": "board-01", "device_type": "board", "hardware": hardware}]).start()
        self.completes(lab, board)


if __name__ == "__main__":
    testing.main(rig=True)
