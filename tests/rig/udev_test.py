# SPDX-License-Identifier: Apache-2.0
"""Our udev rules (udev/) give a lab's devices to its groups: what nobody else may do, the daemon's user may."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import Cp2104, Ftdi, HidRelay, Hub, SdWire, SerialRelay, UsbSdMux, testing  # noqa: E402


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


if __name__ == "__main__":
    testing.main(tools=("gpioset", "usbrelay", "usbsdmux"))
