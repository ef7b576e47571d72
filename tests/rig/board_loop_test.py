# SPDX-License-Identifier: Apache-2.0
"""A lab inside the rig drives a board outside: its relay, its console and its sound card are the kernel's own.

PATCHBAY_RIG_ROUNDS: how often the board is powered, used and powered off in a row; ./dev rig asks for ten."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import Board, Ftdi, HidRelay, Rig, SoundCard, testing  # noqa: E402
from rig_lab import RigLab  # noqa: E402

ROUNDS = int(os.environ.get("PATCHBAY_RIG_ROUNDS", "2"))

BOOT = """\
device_type: board
job_name: {name}
visibility: public
priority: medium
timeouts:
  job: {{minutes: 2}}
  action: {{minutes: 1}}
  connection: {{minutes: 1}}
actions:
- boot:
    method: minimal
    parameters: {{kernel-start-message: ''}}
    prompts: ['Hit any key to stop autoboot']
- test:
    timeout: {{minutes: 1}}
    interactive:
    - name: u-boot
      prompts: ['=> ']
      script:
      - name: stop-autoboot
        command:
      - name: version
        command: version
        successes: [{{message: 'U-Boot 20[0-9.]+'}}]
      - name: memory
        command: bdinfo
        successes: [{{message: 'DRAM bank'}}]
"""

SOUND = """\
- test:
    timeout: {minutes: 3}
    audio:
    - name: line-out
      seconds: 1
      limits: {level: {min: -6.2, max: -5.8}, snr: {min: 80}, thd_n: {max: -80}}
    - {name: wiring, signal: channel-map, seconds: 1}
    - {name: delay, signal: sweep, limits: {latency: {max: 300}, polarity: {min: 1}}}
"""


class BoardLoop(unittest.TestCase):
    def setUp(self):
        self.rig = self.enterContext(Rig())
        self.relay = self.rig.plug(HidRelay(channels=2, identity="LAB01"))
        self.adapter = self.rig.plug(Ftdi(serial="CONSOLE1"))
        self.card = self.rig.plug(SoundCard("Rig"))
        self.board = self.enterContext(Board(self.adapter.line))
        self.relay.contacts.on_switch = lambda channel, on: self.board.power(on)
        hardware = {"console": {"driver": "serial", "serial_number": "CONSOLE1", "speed": 115200},
                    "power": {"driver": "hid-relay", "relay": "LAB01", "channel": 1},
                    "audio": {"driver": "alsa", "card": "Rig", "capture": {"device": 1}}}
        self.lab = RigLab(self.rig, [{"name": "board-01", "device_type": "board", "hardware": hardware}]).start()

    def run_job(self, text, health="Complete"):
        number = self.lab.submit(text)
        try:
            job = self.lab.wait(number, seconds=150)
        except RuntimeError as error:
            self.fail(f"{error}\n" + "\n".join(self.lab.log_lines(number)[-40:]))
        log = "\n".join(self.lab.log_lines(number)[-40:])
        self.assertEqual(job["health"], health, log)
        self.assertEqual(self.relay.on, set(), log)
        self.assertFalse(self.board.powered)
        tests = self.lab.get(f"/api/v0.2/jobs/{number}/tests/?limit=200").json()["results"]
        return number, {test["name"]: test["result"] for test in tests}, log

    def test_it_is_powered_used_and_powered_off_again_and_again(self):
        for turn in range(1, ROUNDS + 1):
            with self.subTest(turn=turn):
                _, results, log = self.run_job(BOOT.format(name=f"round {turn}"))
                self.assertEqual(self.board.starts, turn)
                self.assertEqual({name: results.get(name) for name in ("stop-autoboot", "version", "memory", "job")},
                                 {"stop-autoboot": "pass", "version": "pass", "memory": "pass", "job": "pass"}, log)
        self.assertEqual(self.lab.get("/api/v0.2/devices/board-01/").json()["state"], "Idle")

    def test_its_sound_is_measured_within_a_job(self):
        number, results, log = self.run_job(BOOT.format(name="sound") + SOUND)
        self.assertEqual({name for name, result in results.items() if result != "pass"}, set(), log)
        self.assertEqual(results["channel2-drop_outs"], "pass")
        names = [each["name"] for each in self.lab.get(f"/api/v0.2/jobs/{number}/artifacts/").json()["results"]]
        self.assertIn("0_line-out.png", names)
        self.assertEqual(self.lab.get(f"/api/v0.2/jobs/{number}/artifacts/0_line-out.wav/").body[:4], b"RIFF")


if __name__ == "__main__":
    testing.main(tools=("qemu-system-aarch64",))
