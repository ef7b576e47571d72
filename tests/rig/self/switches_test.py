# SPDX-License-Identifier: Apache-2.0
"""Each emulated relay, hub and GPIO chip switches, tells the truth, and fails as it is told."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import AcmRelay, Ftdi, GpioChip, HidRelay, Hub, LcusHidRelay, RigError, SerialRelay, testing  # noqa: E402


class Switches(testing.RigTest):
    def test_hid_relay(self):
        relay = self.rig.plug(HidRelay(channels=4, identity="LAB01"))
        self.assertEqual(relay.node(), "/dev/hidraw0")
        self.rig.shell("usbrelay LAB01_1=1 LAB01_3=1")
        self.assertEqual(relay.on, {1, 3})
        relay.contacts.stuck = {3}
        self.rig.shell("usbrelay LAB01_1=0 LAB01_3=0")
        self.assertEqual(relay.on, {3})
        self.assertIn("LAB01_3=1", self.rig.shell("usbrelay"))
        relay.lies = True
        self.assertIn("LAB01_3=0", self.rig.shell("usbrelay"))
        self.comes_back(relay)
        relay.fault = "stall"
        self.assertNotIn("LAB01", self.rig.run(["usbrelay"]).output)

    def test_serial_relay(self):
        relay = self.rig.plug(SerialRelay(channels=2))
        def command(octal):
            self.rig.shell(f"stty -F {relay.node()} 9600 raw -echo; printf '{octal}' > {relay.node()}")
        switched = []
        relay.contacts.on_switch = lambda channel, on: switched.append((channel, on))
        command(r"\240\002\001\243")
        self.rig.wait_for(lambda: relay.on == {2}, "channel 2 did not close")
        relay.contacts.stuck = {2}
        command(r"\240\002\000\242\240\001\001\242")
        self.rig.wait_for(lambda: 1 in relay.on, "channel 1 did not close")
        self.assertEqual((relay.on, switched, relay.board.bad_bytes), ({1, 2}, [(2, True), (1, True)], 0))
        self.comes_back(relay)

    def test_relays_with_other_chips(self):
        acm, hid = self.rig.plug(AcmRelay(channels=2)), self.rig.plug(LcusHidRelay())
        self.rig.shell(f"stty -F {acm.node()} 9600 raw -echo; printf '\\240\\002\\001\\243' > {acm.node()}")
        self.rig.wait_for(lambda: acm.on == {2}, "channel 2 did not close")
        answer = self.rig.shell(f"exec 3<>{hid.node()}; printf '\\0\\240\\007\\001\\250' >&3; head -c 4 <&3 | od -An -tx1")
        self.assertEqual((hid.on, answer.split()), ({7}, ["a0", "07", "01", "a8"]))
        self.comes_back(acm)
        self.comes_back(hid)

    def test_gpio_chip(self):
        gpio = self.rig.plug(GpioChip("lab-gpio", {0: "POWER", 5: "RESET"}))
        self.assertIn("[lab-gpio] (8 lines)", self.rig.shell("gpiodetect"))
        holder = self.rig.start(["gpioset", "--mode=signal", gpio.node(), "0=1"])
        gpio.wait_for_level("POWER", 1)
        holder.stop()
        gpio.wait_for_level("POWER", 0)
        gpio.pull("RESET", up=True)
        self.assertEqual(self.rig.shell(f"gpioget {gpio.node()} 5"), "1\n")
        gpio.take("RESET")
        self.assertIn("busy", self.rig.run(["gpioget", gpio.node(), "5"]).output)
        with self.assertRaisesRegex(RigError, "while a line of a GPIO chip is held"):
            gpio.unplug()
        gpio.give_back("RESET")
        self.comes_back(gpio)

    def test_hub_switched_by_the_kernel(self):
        hub = self.rig.plug(Hub(ports=4))
        port = hub.ports[2]
        adapter = self.rig.plug(Ftdi(), port=port)
        self.assertEqual(adapter.usb_path, hub.usb_path + ".2")
        self.passes_bytes(adapter)
        self.rig.write(hub.disable_file(2), "1")
        adapter.wait_until_gone()
        self.assertEqual([one.powered for one in hub.ports.values()], [True, False, True, True])
        self.rig.write(hub.disable_file(2), "0")
        adapter.wait_until_there()
        self.passes_bytes(adapter)
        port.stuck = True
        self.rig.write(hub.disable_file(2), "1")
        adapter.wait_until_gone()  # for the kernel
        self.assertEqual((port.told, port.powered), (False, True))
        hub.unplug()
        hub.plug()

    def test_hub_switched_by_requests_where_the_kernel_has_no_file(self):
        hub = self.rig.plug(Hub(disable_files=False))
        adapter = self.rig.plug(Ftdi(), port=hub.ports[1])
        self.assertNotEqual(self.rig.run(["test", "-e", hub.disable_file(1)]).status, 0)
        def switch(action):
            self.rig.shell(f"uhubctl -l {hub.usb_path} -p 1 -a {action}")
        switch("off")
        self.rig.wait_for(lambda: not hub.ports[1].powered, "the port was not switched off")
        self.assertEqual(self.rig.run(["test", "-c", adapter.node()]).status, 0)  # the kernel has not noticed
        switch("on")
        adapter.wait_until_gone()
        adapter.wait_until_there()
        self.passes_bytes(adapter)
        hub.ports[1].stuck = True
        switch("off")
        self.passes_bytes(adapter)  # the request went through, and yet it is there

    def test_hub_that_cannot_switch(self):
        hub = self.rig.plug(Hub(switches=False))
        adapter = self.rig.plug(Ftdi(), port=hub.ports[1])
        self.assertNotIn(hub.usb_path, self.rig.run(["uhubctl"]).output)
        self.rig.write(hub.disable_file(1), "1")
        adapter.wait_until_gone()
        self.assertTrue(hub.ports[1].powered)
        self.rig.write(hub.disable_file(1), "0")
        adapter.wait_until_there()
        self.passes_bytes(adapter)


if __name__ == "__main__":
    testing.main(tools=("gpioset", "usbrelay", "uhubctl"))
