# SPDX-License-Identifier: Apache-2.0
"""Hardware that fails while somebody has the board: the job says what, where and what to do; the board is safe as soon as
its hardware lets it be; the device's health says why; and when it is mended, the next job runs.

A real daemon, its runners and drivers in the rig; each device has a fault of its own, all at the same time."""

import dataclasses
import functools
import json
import pathlib
import sys
import unittest
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import (Cp2104, FtdiChip, Ftdi, GpioChip, HidRelay, Hub, Rig, SdWire, SerialBoard, SoundCard,  # noqa: E402
                 UsbSdMux, UsbStick, testing)
from rig.channel import PATIENCE  # noqa: E402
from rig_lab import STATE, RigLab  # noqa: E402

JOB = """\
device_type: {kind}
job_name: {kind}
visibility: public
priority: medium
timeouts: {{job: {{minutes: 6}}, action: {{minutes: 4}}, connection: {{minutes: 4}}}}
actions:
"""
BOOT = "- boot: {method: minimal, prompts: ['=> ']}\n"
# Where it waits, the fault finds it; then it wants its board anew.
WAIT = """\
- test:
    interactive:
    - name: board
      prompts: ['=> ']
      script: [{command: wait, name: waited, successes: [{message: 'waited enough'}]}]
"""
WRITE = "- deploy: {to: sd, device: storage, image: {url: 'file:///tmp/images/card.img'}}\n"
PLAY = "- test: {audio: [{name: line-out, direction: play, seconds: %d}]}\n"

# A board that nothing is wrong with, where only its supply counts.
SPEAKS = {"driver": "command", "command": r"""sh -c 'while :; do printf "Linux version 6.1.0\n=> "; sleep 0.2; done'"""}
WRITE_10 = 0x2a  # of SCSI


def nothing():
    pass


@dataclasses.dataclass
class Fault:
    """A device with hardware that fails."""

    kind: str                        # of the fault: the device's name and its type
    hardware: dict
    error: tuple                     # what the job must say: device, adapter, port or channel, next step
    is_safe: Callable                # the truth of the supply, or of the card
    mend: Callable
    strike: Callable = nothing       # breaks it
    found: Callable = lambda: True   # the job is where the fault shall find it
    unsafe: tuple = ()               # the device cannot be made safe before it is mended, and says this; none: it can
    job: str = BOOT + WAIT + BOOT
    next_job: str = BOOT


class Bench:
    """The boards and their faults."""

    def __init__(self, rig):
        self.rig = rig
        self.relay = rig.plug(HidRelay(channels=8, identity="LAB01"))
        self.chip = rig.plug(FtdiChip(serial="QUAD", ports=4))
        self.boards = {}  # by the channel of the relay
        self.relay.contacts.on_switch = lambda channel, on: self.boards[channel].power(on) if channel in self.boards else None
        rig.shell("mkdir /tmp/images && head -c 300000 /dev/urandom > /tmp/images/card.img")

    def supply(self, channel, relay="LAB01"):
        return {"driver": "hid-relay", "relay": relay, "channel": channel}

    def port(self, number):
        """The console of a board at one of the chip's ports."""
        console = {"driver": "serial", "serial_number": "QUAD", "interface": number}
        return console, SerialBoard(self.chip.ports[number].line)

    def is_open(self, channel):
        return channel not in self.relay.on

    def goes_on(self, board, *then):
        """After the fault, the job wants its board anew."""
        for step in then:
            step()
        board.go_on()

    def console_unplugged(self):
        adapter = self.rig.plug(Ftdi(serial="A1"))
        board = self.boards[1] = SerialBoard(adapter.line)
        console = {"driver": "serial", "serial_number": "A1", "lost_after": "1s"}
        place = f"(serial number A1, usb_path {adapter.usb_path}) was unplugged from {adapter.node()}"
        return Fault("console-unplugged", {"console": console, "power": self.supply(1)},
                     ("console", place, "has not come back within 1 s; plug it in again"),
                     lambda: self.is_open(1), adapter.plug, adapter.unplug, lambda: board.waits)

    def relay_unplugged(self):
        relay = self.rig.plug(HidRelay(identity="LAB02"))
        console, board = self.port(0)
        relay.contacts.on_switch = lambda _, on: board.power(on)
        words = ("power", "relay board LAB02, channel 2 is not there: is it plugged in? Attached are:", self.relay.usb_path)
        return Fault("relay-unplugged", {"console": console, "power": self.supply(2, "LAB02")}, words,
                     lambda: relay.on == set(), relay.plug, lambda: self.goes_on(board, relay.unplug), lambda: board.waits, words)

    def relay_sticks(self):
        console, board = self.port(1)
        self.boards[2] = board
        words = ("power", "relay board LAB01, channel 2 was switched off, but reads back on: the contact sticks", "try it by hand")
        return Fault("relay-sticks", {"console": console, "power": self.supply(2)}, words, lambda: self.is_open(2),
                     lambda: self.relay.contacts.stuck.discard(2),
                     lambda: self.goes_on(board, lambda: self.relay.contacts.stuck.add(2)), lambda: board.waits, words)

    def hub_port_sticks(self):
        """Such a hub is found out by what is behind the port: here something that our rules let the runner ask."""
        hub = self.rig.plug(Hub(disable_files=False))
        port = hub.ports[3]
        chip = self.rig.plug(SdWire(), port=port)
        console, board = self.port(2)
        port.on_switch = board.power
        words = (f"USB hub at {hub.usb_path} (0409:55aa QEMU USB Hub), port 3", f"the device {chip.usb_path} is still there after 2 s",
                 "use another hub")
        return Fault("hub-port-sticks", {"console": console, "power": {"driver": "usb-hub-port", "serial_number": "HUB1", "port": 3}},
                     words, lambda: not port.powered, lambda: setattr(port, "stuck", False),
                     lambda: self.goes_on(board, lambda: setattr(port, "stuck", True)), lambda: board.waits, words)

    def gpio_unplugged(self):
        chip = self.rig.plug(Cp2104(serial="C3", latch=0))
        console, board = self.port(3)
        chip.on_level = lambda latch: board.power(latch == 0b0100)
        words = ("power", "GPIO chip with serial_number C3, line 2 is not there: is it plugged in")
        return Fault("gpio-unplugged", {"console": console, "power": {"driver": "gpio", "serial_number": "C3", "line": 2}},
                     words, lambda: chip.level(2) == 0, chip.plug, lambda: self.goes_on(board, chip.unplug), lambda: board.waits, words)

    def gpio_taken(self):
        """What another program has, it has before the lease begins: the runner holds its line."""
        chip = self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        chip.take("POWER", consumer="heater control", level=1)
        words = ("power", f"{chip.node().removeprefix('/dev/')} line 'POWER' is taken by 'heater control'; end that program")
        return Fault("gpio-taken", {"console": SPEAKS, "power": {"driver": "gpio", "chip": "lab-gpio", "line": "POWER"}},
                     words, lambda: chip.level("POWER") == 0, lambda: chip.give_back("POWER"), unsafe=words, job=BOOT)

    def sound_card_unplugged(self):
        card = self.rig.plug(SoundCard("Rig"))
        plays = "grep -qs RUNNING /proc/asound/Rig/pcm0p/sub0/status"
        return Fault("sound-card-unplugged", {"console": SPEAKS, "power": self.supply(3), "audio": {"driver": "alsa", "card": "Rig"}},
                     ("audio: card Rig (Loopback)", "it was unplugged: check its cable"), lambda: self.is_open(3), card.plug,
                     card.unplug, lambda: self.rig.run(["sh", "-c", plays]).status == 0, job=BOOT + PLAY % 60, next_job=BOOT + PLAY % 1)

    def mux_unplugged(self):
        """In the middle of a write, which the card does not answer."""
        mux = self.rig.plug(UsbSdMux(serial="MUX1"))
        words = ("storage", "USB-SD-Mux with serial_number MUX1 is not there: is it plugged in")
        place, writes, take = f"at {mux.usb_path} (0424:4041 usb-sd-mux): byte 0 cannot be written", [], mux.bulk_out

        def bulk_out(endpoint, data):
            if data[:4] == b"USBC" and data[15] == WRITE_10:
                writes.append(data)
            if not writes:
                take(endpoint, data)

        def mend():
            del mux.bulk_out
            mux.plug()
        mux.bulk_out = bulk_out
        return Fault("mux-unplugged", {"storage": {"driver": "usb-sd-mux", "serial_number": "MUX1"}}, (place, "it was unplugged"),
                     lambda: mux.position == "board", mend, mux.unplug, lambda: writes, words, WRITE, WRITE)

    def mux_sticks(self):
        """Once the host has the card, it keeps it."""
        mux = self.rig.plug(UsbSdMux(serial="MUX2"))
        words = ("storage", "USB-SD-Mux with serial_number MUX2 was switched to the board, but disk", f"at {mux.usb_path}",
                 "is still there after 2 s: the switch sticks")

        def moved(position):
            mux.stuck = position == "host"

        def mend():
            mux.on_switch, mux.stuck = None, False
        mux.on_switch = moved
        return Fault("mux-sticks", {"storage": {"driver": "usb-sd-mux", "serial_number": "MUX2", "timeout": "2s"}}, words,
                     lambda: mux.position == "board", mend, found=lambda: mux.stuck, unsafe=words, job=WRITE, next_job=WRITE)

    def card_worn_out(self):
        """Another one is put in. It has no switch, so nothing about it has to be made safe."""
        def plug(**how):
            card = self.rig.plug(UsbStick(serial="CARD1", **how))
            self.rig.shell(f"chgrp plugdev {card.node()} && chmod 660 {card.node()}")  # as by a rule of the lab's
            return card

        def mend():
            worn.unplug()
            plug()
        worn = plug(bad_sector=100)
        return Fault("card-worn-out", {"storage": {"driver": "usb-storage", "serial_number": "CARD1"}},
                     ("storage", f"at {worn.usb_path} (46f4:0001", "cannot be written: Input/output error", "the medium is worn out"),
                     lambda: True, mend, job=WRITE, next_job=WRITE)

    def faults(self):
        return [self.console_unplugged(), self.relay_unplugged(), self.relay_sticks(), self.hub_port_sticks(), self.gpio_unplugged(),
                self.gpio_taken(), self.sound_card_unplugged(), self.mux_unplugged(), self.mux_sticks(), self.card_worn_out()]


class LeaseFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig())
        cls.faults = Bench(cls.rig).faults()
        devices = [{"name": fault.kind, "device_type": fault.kind, "hardware": fault.hardware} for fault in cls.faults]
        cls.lab = RigLab(cls.rig, devices, allowed_file_paths=["/tmp/images"]).start()

    def submit(self, fault, actions):
        return self.lab.submit(JOB.format(kind=fault.kind) + actions)

    def log(self, job):
        return "\n".join(self.lab.log_lines(job)[-30:])

    def is_over(self, job):
        return self.lab.job(job)["state"] == "Finished"

    def device(self, fault):
        return self.lab.get(f"/api/v0.2/devices/{fault.kind}/").json()

    def healths(self, fault):
        """What the device was, and why, the newest first."""
        changes = self.lab.get(f"/api/v0.2/devices/{fault.kind}/health/").json()["results"]
        return [(change["health"], change["reason"]) for change in changes]

    def verdict(self, job):
        line = next(line for line in reversed(self.lab.log_lines(job)) if '"case": "job"' in line)
        return json.loads(line.removeprefix("- "))["msg"]

    def says(self, words, text):
        for word in words:
            self.assertIn(word, text)

    def test_the_fault_is_named_the_board_is_safe_and_the_next_job_runs(self):
        jobs = {fault.kind: self.submit(fault, fault.job) for fault in self.faults}
        following = {}
        for fault in self.faults:
            with self.subTest(fault.kind):
                self.strike(fault, jobs[fault.kind])
        for fault in self.faults:
            with self.subTest(fault.kind):
                following[fault.kind] = (self.submit_before_it_is_mended if fault.unsafe else self.submit_after)(fault, jobs[fault.kind])
        for fault in self.faults:
            with self.subTest(fault.kind):
                self.ended(fault, jobs[fault.kind])
                self.completes(fault, following[fault.kind])
        left = f"ls {STATE}/leases; pgrep -fa patchbay-runne[r] || true"
        self.lab.until(lambda: not self.rig.shell(left), "a lease has left its folder or its runner", PATIENCE)

    def strike(self, fault, job):
        self.lab.until(lambda: fault.found() or self.is_over(job), f"job {job} does not get on", PATIENCE)
        self.assertTrue(fault.found(), self.log(job))
        fault.strike()

    def submit_after(self, fault, job):
        """The board is safe before anything is mended."""
        self.lab.wait(job)
        self.assertTrue(fault.is_safe(), self.log(job))
        fault.mend()
        return self.submit(fault, fault.next_job)

    def submit_before_it_is_mended(self, fault, job):
        """No job gets a board that may be on, and who asks is told what to mend."""
        self.lab.until(lambda: self.device(fault)["health"] == "Bad" or self.is_over(job), f"{fault.kind} is not Bad", PATIENCE)
        following = self.submit(fault, fault.next_job)
        health, reason = self.healths(fault)[0]
        self.assertEqual(health, "Bad", self.log(job))
        self.says((f"cannot be brought to its safe state after job {job}: device {fault.kind}: ", *fault.unsafe), reason)
        self.assertFalse(fault.is_safe())
        self.assertFalse(self.is_over(job))
        answer, = self.lab.get(f"/api/v0.2/jobs/{following}/why/").json()["devices"]
        self.assertEqual((answer["reason"], answer["text"]), ("health", f"its health is Bad: {reason}"))
        fault.mend()
        return following

    def ended(self, fault, job):
        self.assertEqual(self.lab.wait(job)["health"], "Incomplete", self.log(job))
        verdict = self.verdict(job)
        self.assertEqual(verdict["error_type"], "Infrastructure", verdict)
        self.says((f"device {fault.kind}: ", *fault.error), verdict["error_msg"])
        self.assertIn(("Unknown", f"job {job} ended with error Infrastructure: {verdict['error_msg']}"), self.healths(fault))

    def completes(self, fault, job):
        self.assertEqual(self.lab.wait(job)["health"], "Complete", self.log(job))
        self.assertTrue(fault.is_safe(), self.log(job))
        self.assertEqual(self.healths(fault)[0], ("Good", f"job {job} was Complete"))
        self.assertEqual(self.device(fault)["state"], "Idle")


if __name__ == "__main__":
    testing.main()
