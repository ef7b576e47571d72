# SPDX-License-Identifier: Apache-2.0
"""What `patchbay suggest` prints of real kernel devices is accepted as it stands, means those devices, and harms none."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import (CdcAcm, Ch340, Cp2104, Ftdi, FtdiChip, GpioChip, HidRelay, Hub, SerialRelay, SoundCard,  # noqa: E402
                 UsbSdMux, UsbStick, testing)


class Suggest(testing.RigTest):
    def ask(self, *words, **how):
        done = self.rig.run([testing.programs() / "patchbay", *words, "suggest"], **{"user": "daemon", **how})
        self.assertEqual(done.status, 0, done)
        return done

    def suggestions(self, **how):
        return json.loads(self.ask("--json", **how).stdout)

    def entries(self, **how):
        return [each["yaml"] for each in self.suggestions(**how) if each["yaml"]]

    def accepted(self, entries):
        """By the reader of devices' files, each as a device of its own."""
        devices = "".join(f"- name: board{number}\n  hardware:\n    {entry}\n" for number, entry in enumerate(entries))
        self.rig.write("/tmp/lab.yaml", "devices:\n" + devices.replace("    line: {", "    line:\n      reset: {"))
        done = self.rig.run([testing.programs() / "patchbay-runner", "--check-hardware", "/tmp/lab.yaml"])
        self.assertEqual((done.status, done.output), (0, ""))

    def opens(self, entry, adapter):
        """The driver finds the port that the entry means, and bytes pass."""
        keys = entry.removeprefix("console: {").removesuffix("}")
        probe = self.rig.start([testing.programs() / "patchbay-console-probe", keys], user="daemon")
        probe.write(b"open\nwrite version\n")
        adapter.line.expect(b"version")
        probe.close_input()
        self.assertEqual(probe.wait().status, 0)

    def test_a_lab_of_all_kinds(self):
        self.rig.plug(Ftdi(serial="A1"))
        quad = self.rig.plug(FtdiChip(ports=4, serial="QUAD"))
        self.rig.plug(CdcAcm(serial="0002"))
        ch340 = self.rig.plug(Ch340())
        self.rig.plug(Cp2104(serial="C3"))
        relay = self.rig.plug(HidRelay(channels=2, identity="LAB01"))
        hub = self.rig.plug(Hub(serial="HUB7"))
        self.rig.plug(SoundCard("Lab"))
        chip = self.rig.plug(GpioChip("lab-gpio", {3: "RESET", 5: "POWER"}, count=8))
        mux, stick = self.rig.plug(UsbSdMux()), self.rig.plug(UsbStick(serial="CARD1"))
        path = self.rig.shell(f"udevadm info -q property {ch340.node()} | sed -n 's/^ID_PATH=//p'").strip().removesuffix(":1.0")
        entries = self.entries()
        for wanted in ("console: {driver: serial, serial_number: A1}",
                       *(f"console: {{driver: serial, serial_number: QUAD, interface: {n}}}" for n in range(4)),
                       'console: {driver: serial, serial_number: "0002"}',
                       f"console: {{driver: serial, usb_path: {path}}}",
                       "console: {driver: serial, serial_number: C3}",
                       "console: {driver: serial, port: /dev/ttyS0}",
                       "power: {driver: hid-relay, relay: LAB01, channel: 1}",
                       f"power: {{driver: serial-relay, usb_path: {path}, channel: 1}}",
                       "power: {driver: usb-hub-port, serial_number: HUB7, port: 1}",
                       "line: {driver: gpio, serial_number: C3, line: 0}",
                       "line: {driver: gpio, chip: lab-gpio, line: RESET}",
                       "audio: {driver: alsa, card: Lab}",
                       'storage: {driver: usb-sd-mux, serial_number: "00012"}',
                       "storage: {driver: usb-storage, serial_number: CARD1}"):
            self.assertIn(wanted, entries)
        self.accepted(entries)
        self.opens("console: {driver: serial, serial_number: QUAD, interface: 2}", quad.ports[2])
        self.opens(f"console: {{driver: serial, usb_path: {path}}}", ch340)
        probe = self.rig.run([testing.programs().parent / "tests/patchbay-switch-probe",
                              "driver: hid-relay, relay: LAB01, channel: 1", "on"], user="daemon")
        self.assertEqual((probe.stdout, relay.on), ("on: verified\n", {1}))
        self.assertEqual((mux.position, stick.read(0, 512)), ("off", bytes(512)))
        self.assertFalse([entry for entry in entries if "usb-storage" in entry and "00012" in entry])
        for number in range(1, 5):
            self.assertTrue(hub.ports[number].told)
        self.assertEqual(chip.level("POWER"), 0)
        self.assertEqual(self.entries(), entries)  # the same again, also while the relay is on

    def test_nothing_is_sent_and_nothing_is_taken(self):
        board = self.rig.plug(SerialRelay(channels=2))
        chip = self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        chip.take("POWER", consumer="another")
        adapter = self.rig.plug(Ftdi(serial="A1"))
        text = self.ask().stdout
        self.assertIn("Nothing was sent to it", text)
        self.assertIn("line: {driver: gpio, chip: lab-gpio, line: POWER}", text)
        self.assertEqual((board.board.bad_bytes, board.on, board.line.received), (0, set(), b""))
        self.assertEqual(adapter.line.received, b"")

    def test_twins_are_named_by_their_sockets(self):
        twins = [self.rig.plug(Ftdi(serial="TWIN")) for _ in range(2)]
        entries = [entry for entry in self.entries() if "usb_path" in entry and "console" in entry]
        self.assertEqual(len(set(entries)), 2)
        self.accepted(entries)
        twins.sort(key=lambda twin: twin.usb_path)
        for entry, twin in zip(entries, twins):
            self.opens(entry, twin)

    def test_a_hub_without_switches_is_not_suggested(self):
        self.rig.plug(Hub(serial="DUMB", switches=False))
        self.assertNotIn("DUMB", self.ask().stdout)

    def test_a_disk_that_this_machine_uses_is_none_for_boards(self):
        stick = self.rig.plug(UsbStick(serial="CARD1"))
        self.assertIn("storage: {driver: usb-storage, serial_number: CARD1}", self.entries())
        self.rig.shell(f"mkswap {stick.node()}; swapon {stick.node()}")
        self.assertFalse([entry for entry in self.entries() if "CARD1" in entry])
        self.assertRegex(self.ask().stdout, r"CARD1.*\n#   It is swap space \(sd\w+\), so this machine needs it")
        self.rig.shell("swapoff -a")

    def test_a_disk_is_named_by_its_socket_with_its_size(self):
        for _ in range(2):
            self.rig.plug(UsbStick(serial="TWIN", size=3 << 20))
        entries = [entry for entry in self.entries() if "usb-storage" in entry]
        self.assertEqual(len(entries), 2)
        for entry in entries:
            self.assertRegex(entry, f"usb_path: .*, max_size: {3 << 20}}}")
        self.accepted(entries)

    def test_what_may_not_be_read_is_said_with_the_next_step(self):
        self.rig.plug(HidRelay(channels=2, identity="LAB01"))
        self.rig.plug(Hub(serial="HUB7"))
        self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        self.rig.plug(SoundCard("Lab"))
        adapter = self.rig.plug(Ftdi(serial="A1"))
        self.rig.poll(lambda: "plugdev" in self.rig.shell("stat -c %G /dev/gpiochip*"), "udev gave the chip to no group")
        text = self.ask(groups=()).stdout
        self.assertIn(f"{adapter.node()}: Permission denied; the runner's user must be in the group dialout", text)
        self.assertRegex(text, r"/dev/snd/controlC\d: Permission denied; the runner's user must be in the group audio")
        self.assertRegex(text, r"/dev/gpiochip\d+: Permission denied; the runner's user must be in the group plugdev")
        self.assertRegex(text, r"its id: cannot open /dev/bus/usb/.*: Permission denied; give the runner's user the right to it, "
                         r"by Patchbay's udev rules or by its group")
        self.assertRegex(text, r"HUB7.*\n#   Not known: whether it switches its ports: cannot open .*: Permission denied")
        self.accepted(self.entries(groups=()))


if __name__ == "__main__":
    testing.main()
