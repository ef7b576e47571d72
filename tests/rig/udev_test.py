# SPDX-License-Identifier: Apache-2.0
"""Our udev rules (udev/) give a lab's devices to its groups: what nobody else may do, the daemon's user may; and udev has
nothing to say against them."""

import grp
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import (Cp2104, Ftdi, HidRelay, Hub, LcusHidRelay, SdWire, SerialRelay, SoundCard, UsbSdMux,  # noqa: E402
                 testing)
from rig.usbredir import EmulatedUsb, Interface  # noqa: E402

FILE = "60-patchbay.rules"


class Pl2303(EmulatedUsb):
    """No more than what it says it is: a PL2303."""

    vendor, product = 0x067b, 0x2303
    interfaces = (Interface((0xff, 0, 0), []),)


class Rules(testing.RigTest):
    def only_the_lab_may(self, script):
        """Somebody in the lab's groups can, the same user without them cannot."""
        self.assertNotEqual(self.rig.run(["sh", "-c", script], user="daemon", groups=()).status, 0)
        done = self.rig.run(["sh", "-c", script], user="daemon")
        self.assertEqual(done.status, 0, done)

    def test_relay(self):
        relay = self.rig.plug(HidRelay(identity="LAB01"))
        self.only_the_lab_may(f": <> {relay.usb_node}")
        self.only_the_lab_may(f": <> {relay.node()}")
        self.rig.run(["usbrelay", "LAB01_2=1"], user="daemon")
        self.assertEqual(relay.on, {2})

    def test_gpio_chip(self):
        chip = self.rig.plug(Cp2104())
        gpio = chip.node("gpio")
        self.only_the_lab_may(f"gpioset {gpio} 1=0")
        self.assertEqual(chip.level(1), 0)
        links = chip.links("gpio")
        self.assertEqual([self.rig.shell(f"readlink -f {link}").strip() for link in links], [gpio])
        self.assertRegex(links[0], "^/dev/patchbay/gpio/by-path/.*-usb-")

    def test_port_of_a_hub(self):
        hub = self.rig.plug(Hub())
        adapter = self.rig.plug(Ftdi(), port=hub.ports[3])
        self.only_the_lab_may(f": <> {hub.usb_node}")
        self.rig.poll(lambda: "plugdev" in self.rig.shell(f"ls -l {hub.disable_file(3)}"), "the rule did not reach the ports' files")
        self.only_the_lab_may(f"echo 1 > {hub.disable_file(3)}")
        adapter.wait_until_gone()
        self.assertFalse(hub.ports[3].powered)

    def test_sd_multiplexers(self):
        mux, wire = self.rig.plug(UsbSdMux()), self.rig.plug(SdWire())
        self.only_the_lab_may(f": <> {mux.node('scsi_generic')}")
        self.only_the_lab_may(f": <> {wire.usb_node}")
        self.rig.run(["usbsdmux", mux.node("scsi_generic"), "host"], user="daemon", check=True)
        self.assertEqual(mux.position, "host")

    def test_modem_managers_leave_serial_adapters_alone(self):
        for device in (Ftdi(), Cp2104(), SerialRelay()):
            node = self.rig.plug(device).usb_node
            self.assertIn("ID_MM_DEVICE_IGNORE=1", self.rig.shell(f"udevadm info --query=property {node}"))


class AsUdevReadsThem(testing.RigTest):
    """What `udevadm test` makes of a device: a rule that udev leaves out because of a mistake is not missed otherwise."""

    def tell(self, sys_path):
        """What our rules do to it: the words behind each `60-patchbay.rules:LINE`."""
        # The rig's own udev; in the host's root are the host's rules.
        done = self.rig.run(["chroot", "/proc/1/root", "/bin/udevadm", "test", "--action=add", sys_path], check=True)
        told = re.findall(rf"{FILE}:\d+:?\s+(.*)", done.output)
        self.assertEqual([line for line in told if re.search("(?i)invalid|unknown|ignor|fail|unexpected|must|cannot", line)], [])
        return told, done.output

    def gives(self, sys_path, mode="0660", group="plugdev"):
        told, output = self.tell(sys_path)
        self.assertIn(f"GROUP {grp.getgrnam(group).gr_gid}", told, output)
        self.assertIn(f"MODE {mode}", told, output)
        return told

    def test_groups_modes_and_links_are_as_promised(self):
        relay, frames, chip = (self.rig.plug(device) for device in (HidRelay(), LcusHidRelay(), Cp2104()))
        hub, mux, wire = (self.rig.plug(device) for device in (Hub(), UsbSdMux(), SdWire()))
        for sys_path in (relay.usb_sys_path, relay.sys_path(), frames.usb_sys_path, wire.usb_sys_path, mux.sys_path("block"),
                         mux.sys_path("scsi_generic")):
            with self.subTest(sys_path):
                self.gives(sys_path)
        link, = (link.removeprefix("/dev/") for link in chip.links("gpio"))
        self.assertIn(f"LINK '{link}'", self.gives(chip.sys_path("gpio")))
        self.gives(hub.usb_sys_path, mode="0664")
        told, output = self.tell(f"{hub.usb_sys_path}/{hub.usb_path}:1.0")
        self.assertTrue(any(line.startswith("RUN '/bin/sh -c 'for file in /sys$devpath/*-port*/disable") for line in told), output)

    def test_every_chip_of_a_serial_adapter_is_kept_from_modem_managers(self):
        for device in (Ftdi(), Cp2104(), SerialRelay(), Pl2303()):
            with self.subTest(type(device).__name__):
                _, output = self.tell(self.rig.plug(device).usb_sys_path)
                self.assertIn("ID_MM_DEVICE_IGNORE=1", output)

    def test_each_new_node_is_told_to_the_runner_of_its_device_where_systemd_runs(self):
        mux, chip, card = (self.rig.plug(device) for device in (UsbSdMux(), Cp2104(), SoundCard()))
        paths = [chip.usb_sys_path, chip.sys_path("tty"), chip.sys_path("gpio"), mux.sys_path("scsi_generic"), mux.sys_path("block"),
                 card.sys_path()]
        run = "RUN '/bin/systemctl --no-block try-restart patchbay-devices.service'"
        for sys_path in paths:
            self.assertNotIn(run, self.tell(sys_path)[0])
        self.rig.shell("mkdir -p /run/systemd/system")
        self.addCleanup(self.rig.shell, "rmdir /run/systemd/system")
        for sys_path in paths:
            with self.subTest(sys_path):
                told, output = self.tell(sys_path)
                self.assertEqual(told.count(run), 1, output)
        self.assertNotIn(run, self.tell(mux.usb_sys_path + "/" + mux.usb_path + ":1.0")[0])


if __name__ == "__main__":
    testing.main(tools=("gpioset", "usbrelay", "usbsdmux"))
