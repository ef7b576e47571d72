# SPDX-License-Identifier: Apache-2.0
"""The drivers hid-relay, serial-relay, usb-hub-port and gpio against the kernel: the good path, and each failure."""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import (AcmRelay, Cp2104, Ftdi, GpioChip, HidRelay, Hub, LcusHidRelay, SerialRelay,  # noqa: E402
                 testing)


class Switches(testing.RigTest):
    program = "patchbay-switch-probe"
    user = "daemon"  # a runner's, with the groups that the udev rules give hardware to

    def command(self, keys, words):
        return [str(testing.programs().parent / "tests" / self.program), "driver: " + keys, *words]

    def probe(self, keys, *words, **how):
        """The answers to the words, by one process as a runner's user."""
        done = self.rig.run(self.command(keys, words), **{"user": self.user, **how})
        self.assertEqual(done.status, 0, done)
        return done.stdout.splitlines()

    def begin(self, keys, *words):
        running = self.rig.start(self.command(keys, words), user=self.user)
        running.expect("waiting")
        return running

    def fails(self, keys, word, *parts, **how):
        answer = self.probe(keys, word, **how)[-1]
        self.assertIn(f"{word}: error: device board: power", answer)
        for part in parts:
            self.assertIn(part, answer)

    def killed(self, keys, is_on):
        """A runner is killed with the board on; another one makes it safe."""
        running = self.begin(keys, "on", "wait")
        self.rig.poll(is_on, "it was not switched on")
        running.signal(signal.SIGKILL)
        running.wait()
        self.assertEqual(self.probe(keys, "safe")[-1], "safe: done")
        self.rig.poll(lambda: not is_on(), "the board is on, and its lease is over")


class HidRelays(Switches):
    def test_switches_reads_back_and_is_made_safe(self):
        relay = self.rig.plug(HidRelay(channels=2, identity="LAB01"))
        self.assertEqual(self.probe("hid-relay, relay: LAB01, channel: 2", "read", "on", "read"),
                         ["read: off", "on: verified", "read: on"])
        self.assertEqual(relay.on, {2})
        self.assertEqual(self.probe("hid-relay, relay: LAB01, channel: 1", "on", "off"), ["on: verified", "off: verified"])
        self.assertEqual(relay.on, {2})
        self.assertEqual(self.rig.run(["test", "-c", relay.node()]).status, 0)  # still there for others
        self.assertEqual(self.probe(f"hid-relay, usb_path: {relay.usb_path}, channel: 2", "safe"), ["safe: done"])
        self.assertEqual(relay.on, set())
        self.killed("hid-relay, relay: LAB01", lambda: relay.on == {1})

    def test_the_board_of_frames_cannot_be_read_back(self):
        relay = self.rig.plug(LcusHidRelay(channels=8))
        keys = f"hid-relay, usb_path: {relay.usb_path}, channel: 7"
        self.assertEqual(self.probe(keys, "on", "read")[1:], ["on: unverified", "read: nobody knows"])
        self.assertEqual(relay.on, {7})
        self.probe(keys, "safe")
        self.assertEqual(relay.on, set())
        self.killed(keys, lambda: relay.on == {7})

    def test_one_that_sticks_refuses_or_hangs_is_named(self):
        relay = self.rig.plug(HidRelay(channels=2, identity="LAB01"))
        relay.contacts.stuck = {1}
        self.fails("hid-relay, relay: LAB01", "on", "relay board LAB01, channel 1 was switched on, but reads back off: the contact "
                   "sticks", "try it by hand")
        place = f"relay board at {relay.usb_path} (16c0:05df USBRelay2), channel 2"
        for fault, words in (("stall", "Pipe error"), ("hang", "timed out")):
            relay.fault = fault
            self.fails(f"hid-relay, usb_path: {relay.usb_path}, channel: 2", "on", place, words)
        relay.fault = None
        self.assertEqual(relay.on, set())

    def test_unplugged_and_plugged_in_again(self):
        relay = self.rig.plug(HidRelay(identity="LAB01"))
        running = self.begin("hid-relay, relay: LAB01", "on", "wait", "off", "wait", "off")
        relay.unplug()
        running.write(b"\n")
        running.expect("off: error: device board: power: relay board LAB01, channel 1 is not there: is it plugged in?")
        relay.plug()
        running.write(b"\n")
        running.expect("off: verified")
        self.assertEqual(relay.on, set())

    def test_two_with_one_id_are_refused_and_told_apart_by_path(self):
        first = self.rig.plug(HidRelay(identity="LAB01"))
        second = self.rig.plug(HidRelay(identity="LAB01"))
        self.fails("hid-relay, relay: LAB01", "on", "is there twice, so none is touched", first.usb_path, second.usb_path)
        self.assertEqual((first.on, second.on), (set(), set()))
        self.probe(f"hid-relay, usb_path: {second.usb_path}", "on")
        self.assertEqual((first.on, second.on), (set(), {1}))

    def test_without_permission_the_node_is_named(self):
        relay = self.rig.plug(HidRelay(identity="LAB01"))
        self.fails(f"hid-relay, usb_path: {relay.usb_path}", "on", "cannot open /dev/bus/usb/", "Permission denied",
                   "udev rules", groups=())


class SerialRelays(Switches):
    def test_switches_and_says_that_it_cannot_be_read_back(self):
        relay = self.rig.plug(SerialRelay(channels=2))
        keys = f"serial-relay, usb_path: {relay.usb_path}, channel: 2"
        self.assertEqual(self.probe(keys, "on"), [f"told: device board: power: relay board with usb_path {relay.usb_path}, channel 2 "
                                                  "was switched, but what it does cannot be read back", "on: unverified"])
        self.rig.poll(lambda: relay.on == {2}, "channel 2 did not close")
        self.probe(keys, "safe")
        self.rig.poll(lambda: relay.on == set(), "channel 2 did not open")
        self.assertEqual(relay.board.bad_bytes, 0)
        self.killed(keys, lambda: relay.on == {2})

    def test_a_cdc_acm_board_by_its_serial_number(self):
        relay = self.rig.plug(AcmRelay(channels=4, serial="R7"))
        self.probe("serial-relay, serial_number: R7, channel: 4", "on")
        self.rig.poll(lambda: relay.on == {4}, "channel 4 did not close")
        self.killed("serial-relay, serial_number: R7, channel: 4", lambda: relay.on == {4})

    def test_unplugged_and_back_with_another_number(self):
        relay = self.rig.plug(SerialRelay())
        keys = f"serial-relay, usb_path: {relay.usb_path}"
        relay.unplug()
        self.fails(keys, "on", f"relay board with usb_path {relay.usb_path}, channel 1 is not there: is it plugged in")
        relay.plug()
        relay.replug(hold=relay.node())
        self.assertEqual(relay.node(), "/dev/ttyUSB1")
        self.probe(keys, "on")
        self.rig.poll(lambda: relay.on == {1}, "it did not close")

    def test_unplugged_while_a_lease_has_it_and_back_with_another_number(self):
        relay = self.rig.plug(SerialRelay(channels=2))
        node = relay.node()
        running = self.begin(f"serial-relay, usb_path: {relay.usb_path}, channel: 2", "on", "wait", "off", "wait", "off")
        self.rig.poll(lambda: relay.on == {2}, "it did not close")
        self.rig.channel.do("hold_file", name="another", path=node)
        relay.unplug()
        running.write(b"\n")
        running.expect(f"off: error: device board: power: relay board with usb_path {relay.usb_path}")
        running.expect("is not there: is it plugged in")
        relay.plug()
        self.rig.channel.do("release", name="another")
        self.assertNotEqual(relay.node(), node)
        self.assertEqual(relay.on, {2})
        running.write(b"\n")
        running.expect("off: unverified")
        self.rig.poll(lambda: relay.on == set(), "it did not open")

    def test_without_permission_the_port_is_named(self):
        relay = self.rig.plug(SerialRelay())
        self.fails(f"serial-relay, usb_path: {relay.usb_path}", "on", relay.node(), "Permission denied", "group dialout",
                   groups=())


class HubPorts(Switches):
    def test_by_the_kernels_file(self):
        hub = self.rig.plug(Hub(ports=4))
        adapter = self.rig.plug(Ftdi(), port=hub.ports[2])
        keys = f"usb-hub-port, usb_path: {hub.usb_path}, port: 2"
        self.assertEqual(self.probe(keys, "read", "off", "read"), ["read: on", "off: verified", "read: off"])
        self.assertEqual([port.powered for port in hub.ports.values()], [True, False, True, True])
        self.assertEqual(self.probe("usb-hub-port, serial_number: HUB1, port: 2", "on"), ["on: verified"])
        adapter.wait_until_gone()
        adapter.wait_until_there()
        self.killed(keys, lambda: hub.ports[2].powered)

    def test_by_requests_where_the_kernel_has_no_file(self):
        hub = self.rig.plug(Hub(disable_files=False))
        keys = f"usb-hub-port, usb_path: {hub.usb_path}, port: 1"
        self.assertEqual(self.probe(keys, "off", "read", "on", "read"),
                         ["off: verified", "read: off", "on: verified", "read: on"])
        self.killed(keys, lambda: hub.ports[1].powered)

    def test_a_device_that_the_kernel_keeps_is_asked_whether_it_lives(self):
        hub = self.rig.plug(Hub(disable_files=False))
        adapter = self.rig.plug(Ftdi(), port=hub.ports[1])
        keys = f"usb-hub-port, usb_path: {hub.usb_path}, port: 1"
        self.assertEqual(self.probe(keys, "off", user="root"), ["off: verified"])
        self.assertFalse(hub.ports[1].powered)
        self.probe(keys, "on")
        adapter.wait_until_gone()
        adapter.wait_until_there()
        self.fails(keys, "off", "cannot be asked", "Permission denied")
        self.probe(keys, "on")
        adapter.wait_until_gone()
        adapter.wait_until_there()
        hub.ports[1].stuck = True
        self.fails(keys, "off", f"USB hub at {hub.usb_path} (0409:55aa QEMU USB Hub), port 1", adapter.usb_path,
                   "is still there after 2 s: the hub does not cut the supply", user="root")

    def test_a_hub_that_cannot_switch_is_an_error(self):
        for files in (True, False):
            hub = self.rig.plug(Hub(switches=False, disable_files=files))
            self.fails(f"usb-hub-port, usb_path: {hub.usb_path}, port: 3", "off",
                       "the hub cannot switch its ports one by one")
            self.assertTrue(all(port.told for port in hub.ports.values()))
            hub.unplug()

    def test_unplugged_and_without_permission(self):
        hub = self.rig.plug(Hub())
        keys = f"usb-hub-port, usb_path: {hub.usb_path}, port: 1"
        self.fails(keys, "off", hub.usb_node, "Permission denied", "udev rules", groups=())
        self.rig.shell(f"chgrp root {hub.disable_file(1)}")
        self.fails(keys, "off", f"{hub.usb_path}-port1/disable", "Permission denied", "udev rules")
        hub.unplug()
        self.fails(keys, "off", f"USB hub with usb_path {hub.usb_path}, port 1 is not there")

    def test_unplugged_while_a_lease_has_it_and_back_with_another_number(self):
        """A hub that comes back gives current to all of its ports."""
        for keys in ("usb-hub-port, serial_number: HUB1, port: 1", "usb-hub-port, usb_path: {}, port: 1"):
            with self.subTest(keys):
                hub = self.rig.plug(Hub())
                node = hub.usb_node
                running = self.begin(keys.format(hub.usb_path), "on", "wait", "off", "wait", "off", "read")
                hub.unplug()
                running.write(b"\n")
                running.expect("off: error: device board: power: USB hub with ")
                running.expect("is not there")
                hub.plug()
                self.assertNotEqual(hub.usb_node, node)
                self.assertTrue(hub.ports[1].powered)
                self.rig.poll(lambda hub=hub: "plugdev" in self.rig.shell(f"stat -c %G {hub.disable_file(1)}"), "the rule did not reach it")
                running.write(b"\n")
                running.expect("off: verified\nread: off")
                self.assertEqual([port.powered for port in hub.ports.values()], [False, True, True, True])
                hub.unplug()


class GpioLines(Switches):
    def test_a_line_by_name_or_number_of_a_chip_by_label_or_name(self):
        chip = self.rig.plug(GpioChip("lab-gpio", {0: "POWER", 5: "RESET"}))
        running = self.begin("gpio, chip: lab-gpio, line: POWER", "read", "on", "wait", "off", "wait")
        self.assertEqual(running.output(), "read: off\non: verified\nwaiting\n")
        chip.wait_for_level("POWER", 1)
        running.write(b"\n")
        chip.wait_for_level("POWER", 0)
        running.write(b"\n")
        running.wait()
        name = chip.node().removeprefix("/dev/")
        self.assertEqual(self.probe(f"gpio, chip: {name}, line: 5", "on", "off"), ["on: verified", "off: verified"])
        self.killed("gpio, chip: lab-gpio, line: POWER", lambda: chip.level("POWER") == 1)

    def test_active_low_and_nothing_moves_when_it_is_opened(self):
        chip = self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        chip.pull("POWER", up=True)
        running = self.begin("gpio, chip: lab-gpio, line: POWER, active_low: true", "read", "wait", "on", "wait", "off", "wait")
        self.assertEqual(running.output(), "read: off\nwaiting\n")
        self.assertEqual(chip.level("POWER"), 1)
        for level in (0, 1):
            running.write(b"\n")
            chip.wait_for_level("POWER", level)
        running.write(b"\n")
        running.wait()

    def test_a_line_that_another_program_has_names_it(self):
        chip = self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        chip.take("POWER", consumer="heater control")
        self.fails("gpio, chip: lab-gpio, line: POWER", "on", "line 'POWER' is taken by 'heater control'")
        self.assertEqual(chip.level("POWER"), 0)
        chip.give_back("POWER")

    def test_lines_and_chips_that_are_not_there_are_named(self):
        chip = self.rig.plug(GpioChip("lab-gpio", ["POWER"], count=8))
        self.fails("gpio, chip: lab-gpio, line: POWRE", "on", "line 'POWRE'", "there is no such line")
        self.fails("gpio, chip: lab-gpio, line: 8", "on", "line 8", "there is no such line")
        self.fails("gpio, chip: other, line: 0", "on", "GPIO chip 'other', line 0 is not there", "(lab-gpio)")
        self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        self.fails("gpio, chip: lab-gpio, line: 0", "on", "could be several, so none is touched")
        self.assertEqual(chip.level("POWER"), 0)

    def test_without_permission(self):
        chip = self.rig.plug(GpioChip("lab-gpio", ["POWER"]))
        name = chip.node().removeprefix("/dev/")
        self.fails(f"gpio, chip: {name}, line: 0", "on", f"{name} line 0: Permission denied", "udev rules", groups=())

    def test_a_usb_chip_by_its_serial_number_unplugged_while_held_and_back(self):
        adapter = self.rig.plug(Cp2104(serial="C3"))
        running = self.begin("gpio, serial_number: C3, line: 2, active_low: true", "on", "wait", "off", "wait", "off", "wait")
        self.assertEqual(adapter.level(2), 0)
        adapter.unplug()
        running.write(b"\n")
        running.expect("off: error: device board: power: GPIO chip with serial_number C3, line 2 is not there")
        adapter.plug()
        running.write(b"\n")
        running.expect("off: verified")
        self.assertEqual(adapter.level(2), 1)
        adapter.stuck = 0b0100
        running.write(b"\n")
        running.wait()
        self.fails("gpio, serial_number: C3, line: 2, active_low: true", "on",
                   "GPIO chip with serial_number C3, line 2 was switched on, but reads back off: the contact sticks")


if __name__ == "__main__":
    testing.main()
