# SPDX-License-Identifier: Apache-2.0
"""The driver `serial` on real adapters' kernel drivers: bytes, speed, break, modem lines, loss and return."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import CTS, DCD, CdcAcm, Ch340, Cp2104, Ftdi, FtdiChip, Rig, testing  # noqa: E402

# Seconds at 3 Mbit/s; ./dev rig asks for ten minutes.
SOAK = float(os.environ.get("PATCHBAY_RIG_SOAK", "3"))


class Probe:
    """One console inside, driven by words (console_probe.cpp)."""

    def __init__(self, rig, keys, **how):
        program = [testing.programs() / "patchbay-console-probe", "driver: serial, " + keys]
        self.rig, self.process, self.read = rig, rig.start(program, **{"user": "daemon", **how}), 0

    def order(self, word):
        self.process.write(word.encode() + b"\n")

    def expect(self, text, timeout=60):
        """Waits for `text` in what it has not said before; returns that, up to the end of the text."""
        self.rig.wait_for(lambda: text in self.process.output()[self.read:], lambda: "the probe said " + self.process.output(), timeout)
        begin, self.read = self.read, self.process.output().index(text, self.read) + len(text)
        return self.process.output()[begin:self.read]

    def end(self):
        self.process.close_input()
        return self.process.wait().status


class Serial(unittest.TestCase):
    def setUp(self):
        self.rig = self.enterContext(Rig())

    def probe(self, keys, **how):
        return Probe(self.rig, keys, **how)

    def do(self, probe, word, answer="done "):
        probe.order(word)
        return probe.expect(answer)

    def opened(self, keys, **how):
        probe = self.probe(keys, **how)
        self.do(probe, "open", "done open")
        return probe

    def talks(self, probe, adapter):
        self.do(probe, "write version", "done write")
        adapter.line.expect(b"version")
        adapter.line.send(b"U-Boot 2026.01\r\n=> ")
        self.do(probe, "expect =>", "U-Boot 2026.01")

    def test_every_kind_of_adapter_carries_bytes_and_is_found_by_what_stays(self):
        for adapter, keys in ((Ftdi(serial="A1"), "serial_number: A1"), (CdcAcm(serial="B2"), "serial_number: B2"),
                              (Ch340(), "usb_path: %s, vendor: \"1a86\""), (Cp2104(serial="C3"), "serial_number: C3, interface: 0")):
            with self.subTest(type(adapter).__name__):
                self.rig.plug(adapter)
                probe = self.opened(keys % adapter.usb_path if "%" in keys else keys)
                self.talks(probe, adapter)
                self.assertEqual(probe.end(), 0)
        by_id = next(link for link in adapter.links() if "/by-id/" in link)
        self.talks(self.opened(f"by_id: {by_id}"), adapter)

    def test_an_adapter_is_found_by_the_path_that_udev_writes(self):
        chip = self.rig.plug(FtdiChip(ports=4, serial="QUAD"))
        path = self.rig.shell(f"udevadm info -q property {chip.nodes('tty')[1]} | sed -n 's/^ID_PATH=//p'").strip()
        self.assertRegex(path, r"^pci-[0-9:.]+-usb-0:[0-9.]+:1\.1$")
        self.talks(self.opened(f"usb_path: {path}"), chip.ports[1])
        self.talks(self.opened(f"usb_path: {path.removesuffix(':1.1')}, interface: 3"), chip.ports[3])

    def test_speed_break_and_modem_lines_reach_the_other_side(self):
        for adapter in (CdcAcm(serial="B2"), Ch340(), Cp2104(serial="C3")):
            with self.subTest(type(adapter).__name__):
                self.rig.plug(adapter)
                probe = self.opened(f"usb_path: {adapter.usb_path}, speed: 115200")
                self.do(probe, "break", "done break")
                self.rig.poll(lambda: adapter.breaks == 1, "the break did not arrive")
                for dtr, rts in ((0, 1), (1, 0), (1, 1)):
                    self.do(probe, f"dtr {dtr}", "done dtr")
                    self.do(probe, f"rts {rts}", "done rts")
                    self.rig.poll(lambda: (adapter.dtr, adapter.rts) == (bool(dtr), bool(rts)), "the lines did not follow")
                if adapter.baud is not None:
                    self.do(probe, "speed 500000", "done speed")
                    self.rig.poll(lambda: adapter.baud == 500000, "the speed did not change")
                self.talks(probe, adapter)

    def test_the_ports_of_one_chip_are_told_apart_and_have_lines_of_their_own(self):
        chip = self.rig.plug(FtdiChip(ports=4, serial="QUAD"))
        answer = self.do(self.probe("serial_number: QUAD"), "open", "add what tells them apart")
        for node in chip.nodes("tty"):
            self.assertIn(node, answer)
        port = chip.ports[2]
        probe = self.opened("serial_number: QUAD, interface: 2, speed: 1500000")
        self.talks(probe, port)
        self.assertEqual(port.baud, 1500000)
        self.do(probe, "lines", "done cts 1 dsr 1 dcd 1")
        port.set_modem(CTS | DCD)
        self.rig.poll(lambda: "dsr 0" in self.do(probe, "lines", " dcd 1"), "DSR did not go")
        self.do(probe, "break", "done break")
        self.rig.poll(lambda: port.breaks == 1, "the break did not arrive")
        self.assertEqual([one.breaks for one in chip.ports], [0, 0, 1, 0])
        self.do(probe, "dtr 0", "done dtr")
        self.rig.poll(lambda: not port.dtr and port.rts, "DTR did not go")

    def test_an_adapter_comes_back_with_another_number(self):
        for adapter in (Ftdi(serial="A1"), CdcAcm(serial="B2")):
            with self.subTest(type(adapter).__name__):
                self.rig.plug(adapter)
                before = adapter.node()
                probe = self.opened(f"serial_number: {adapter.serial if isinstance(adapter, Ftdi) else 'B2'}, speed: 57600")
                probe.order("expect =>")
                adapter.replug(hold=before)
                self.assertNotEqual(adapter.node(), before)
                probe.expect(f"is gone from {before}; waiting 10 s for it")
                probe.expect(f"is back as {adapter.node()} after ")
                adapter.line.send(b"=> ")
                probe.expect("done =>")
                self.talks(probe, adapter)

    def test_an_adapter_that_stays_away_is_named(self):
        adapter = self.rig.plug(Ftdi(serial="A1"))
        node = adapter.node()
        probe = self.opened("serial_number: A1, lost_after: 1s")
        probe.order("expect =>")
        adapter.unplug()
        probe.expect(f"is gone from {node}")
        probe.expect(f"(serial number A1, usb_path {adapter.usb_path}) was unplugged from {node} and has not come back within "
                     "1 s; plug it in again, or check the hub")
        self.do(probe, "write x", "error: device board: console: ")
        self.do(probe, "break", "error: device board: console: ")

    def test_an_adapter_without_permission_is_named(self):
        adapter = self.rig.plug(Ftdi(serial="A1"))
        self.rig.deny(adapter.node())
        probe = self.probe("serial_number: A1")
        self.do(probe, "open", f"cannot open {adapter.node()}: Permission denied; give its user the right to use it")

    def test_a_port_that_another_program_has_is_named(self):
        adapter = self.rig.plug(Ftdi(serial="A1"))
        first = self.opened("serial_number: A1", user="root")
        self.do(self.probe("serial_number: A1"), "open", f"'fuser -v {adapter.node()}' shows which program uses it")
        self.do(self.probe("serial_number: A1", user="root"), "open", f"cannot open {adapter.node()}: another program uses it")
        self.talks(first, adapter)  # though root was let in as far as the lock

    def test_closing_leaves_dtr_and_rts_as_they_are(self):
        for adapter in (CdcAcm(serial="B2"), Cp2104(serial="C3")):
            with self.subTest(type(adapter).__name__):
                self.rig.plug(adapter)
                probe = self.opened(f"usb_path: {adapter.usb_path}")
                self.rig.poll(lambda: adapter.dtr and adapter.rts, "opening did not raise the lines")
                self.do(probe, "close", "done close")
                self.assertEqual(probe.end(), 0)
                self.assertTrue(adapter.dtr and adapter.rts)

    def test_of_two_alike_none_is_opened(self):
        first, second = self.rig.plug(Ch340()), self.rig.plug(Ch340())
        probe = self.probe(f"usb_path: {first.usb_path}")
        self.talks_after_open(probe, first)
        twins = self.rig.plug(Ftdi(serial="TWIN")), self.rig.plug(Ftdi(serial="TWIN"))
        answer = self.do(self.probe("serial_number: TWIN"), "open", "add what tells them apart")
        for twin in twins:
            self.assertIn(twin.node(), answer)
        self.assertNotEqual(first.node(), second.node())

    def talks_after_open(self, probe, adapter):
        self.do(probe, "open", "done open")
        self.talks(probe, adapter)

    def test_no_byte_is_lost_at_3_mbit(self):
        adapter = self.rig.plug(Ftdi(serial="A1"))
        probe = self.opened("serial_number: A1, speed: 3000000")
        count = int(SOAK * 300_000) // 251 * 251
        block = bytes(range(251)) * 100
        probe.order(f"receive {count}")
        for begin in range(0, count, len(block)):
            adapter.line.send(block[:count - begin])
        probe.expect(f"done {count} wrong 0 ", timeout=60 + 4 * SOAK)
        print("3 Mbit/s:", probe.expect("%"))


if __name__ == "__main__":
    testing.main()
