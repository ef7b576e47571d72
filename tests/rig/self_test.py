# SPDX-License-Identifier: Apache-2.0
"""The rig itself: programs run inside, and each emulated device is one for the kernel, passes data and can be replugged."""

import os
import pathlib
import signal
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import (AcmRelay, Board, CdcAcm, Ch340, Cp2104, Ftdi, GpioChip, HidRelay, Hub, LcusHidRelay, Rig, RigError,  # noqa: E402
                 SdWire, SerialRelay, SoundCard, UsbSdMux, UsbStick, amplitude_at, testing, tone)


def chip(node):
    return node.removeprefix("/dev/")


class Programs(unittest.TestCase):
    def test_they_run_as_root_and_as_others_with_output_and_status(self):
        with Rig() as rig:
            done = rig.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
            self.assertEqual((done.status, done.stdout, done.stderr), (3, "out\n", "err\n"))
            self.assertEqual(rig.run(["cat"], input=b"given").output, "given")
            self.assertEqual(rig.run(["/no/such/program"]).status, 127)
            self.assertEqual(rig.shell("id -un").strip(), "root")
            self.assertEqual(rig.run(["id", "-un"], user="daemon").output.strip(), "daemon")
            self.assertIn("dialout", rig.run(["id", "-Gn"], user="daemon").output)
            self.assertNotIn("dialout", rig.run(["id", "-Gn"], user="daemon", groups=()).output)

            running = rig.start(["sh", "-c", "echo begun; exec sleep 1000"])
            running.expect("begun")
            self.assertIsNone(running.status)
            self.assertEqual(running.stop().status, -15)

    def test_they_see_the_hosts_files_and_leave_none(self):
        with Rig() as rig:
            this = pathlib.Path(__file__).resolve()
            self.assertEqual(rig.read(this), this.read_text("utf-8"))
            mark = f"/var/tmp/patchbay-rig-{os.getpid()}"
            self.assertEqual(rig.shell(f"echo written > {mark}; cat {mark}"), "written\n")
            self.assertFalse(os.path.exists(mark))
        with Rig() as rig:
            self.assertEqual(rig.run(["test", "-e", mark]).status, 1)


class Devices(unittest.TestCase):
    def setUp(self):
        self.rig = self.enterContext(Rig())

    def passes_bytes(self, adapter):
        """What the host writes comes out at the board's end, and what the board sends comes in."""
        data = os.urandom(20000)
        adapter.line.echo = True
        done = self.rig.run(["sh", "-c", f"stty -F {adapter.node()} 115200 raw -echo; exec 3<>{adapter.node()} 4<&0; "
                             f"cat <&4 >&3 & exec head -c {len(data)} <&3"], input=data)
        adapter.line.echo = False
        self.assertEqual(done.status, 0, done)
        self.assertEqual(adapter.line.take(len(data)), data)
        self.assertEqual(done.stdout_bytes, data)

    def comes_back(self, device):
        """It is gone while it is unplugged, and there again afterwards."""
        node = device.node()
        device.unplug()
        self.assertEqual(self.rig.run(["test", "-e", node]).status, 1)
        device.plug()
        self.assertEqual(self.rig.run(["test", "-c", device.node()]).status, 0)

    def serial(self, adapter, node, link, sys_parent):
        self.rig.plug(adapter)
        self.assertEqual(adapter.node(), node)
        self.assertTrue([one for one in adapter.links() if one.startswith("/dev/serial/by-id/" + link)], adapter.links())
        self.assertTrue([one for one in adapter.links() if one.startswith("/dev/serial/by-path/")], adapter.links())
        self.assertTrue(adapter.sys_path().startswith(adapter.usb_sys_path + "/"), adapter.sys_path())
        driver = self.rig.shell(f"readlink -f {sys_parent % adapter.sys_path()}/driver")
        self.passes_bytes(adapter)
        self.comes_back(adapter)
        self.passes_bytes(adapter)
        return driver.strip().rpartition("/")[2]

    def test_ftdi(self):
        self.assertEqual(self.serial(Ftdi(serial="A1"), "/dev/ttyUSB0", "usb-QEMU_QEMU_USB_SERIAL_A1", "%s/../.."), "ftdi_sio")

    def test_cdc_acm(self):
        adapter = CdcAcm(serial="B2")
        self.assertEqual(self.serial(adapter, "/dev/ttyACM0", "usb-patchbay_console_B2", "%s/../.."), "cdc_acm")
        self.assertEqual(adapter.baud, 115200)

    def test_ch340(self):
        self.assertEqual(self.serial(Ch340(), "/dev/ttyUSB0", "usb-1a86_USB_Serial", "%s/../.."), "ch341-uart")

    def test_cp2104(self):
        adapter = Cp2104(serial="C3")
        self.assertEqual(self.serial(adapter, "/dev/ttyUSB0", "usb-Silicon_Labs_CP2104_USB_to_UART_Bridge_Controller_C3", "%s/../.."),
                         "cp210x")
        gpio = adapter.node("gpio")
        self.rig.shell(f"gpioset {chip(gpio)} 2=0")
        self.assertEqual([adapter.level(line) for line in range(4)], [1, 1, 0, 1])
        adapter.stuck = 0b1000
        self.rig.shell(f"gpioset {chip(gpio)} 3=0")
        self.assertEqual(adapter.level(3), 1)

    def test_breaks_and_modem_lines_reach_the_far_end(self):
        script = "import os, sys, termios; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); termios.tcsendbreak(fd, 0); " \
            "print('sent', flush=True); sys.stdin.read()"
        for adapter in (CdcAcm(), Ch340(), Cp2104()):
            with self.subTest(adapter.id):
                self.rig.plug(adapter)
                program = self.rig.start(["/usr/bin/python3", "-c", script, adapter.node()])
                program.expect("sent")
                self.rig.wait_for(lambda: adapter.dtr and adapter.rts, "the modem lines are not set")
                self.assertEqual(adapter.breaks, 1)
                program.close_input()
                self.assertEqual(program.wait().status, 0)

    def test_an_adapter_comes_back_with_another_number(self):
        adapter = self.rig.plug(Ftdi())
        adapter.replug(hold=adapter.node())
        self.assertEqual(adapter.node(), "/dev/ttyUSB1")
        self.passes_bytes(adapter)

    def test_a_node_without_permission(self):
        adapter = self.rig.plug(Ftdi())
        read = ["sh", "-c", f": < {adapter.node()}"]
        self.assertEqual(self.rig.run(read, user="daemon").status, 0)
        self.assertNotEqual(self.rig.run(read, user="daemon", groups=()).status, 0)
        self.rig.deny(adapter.node())
        self.assertNotEqual(self.rig.run(read, user="daemon").status, 0)

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
        holder = self.rig.start(["gpioset", "--mode=signal", chip(gpio.node()), "0=1"])
        gpio.wait_for_level("POWER", 1)
        holder.stop()
        gpio.wait_for_level("POWER", 0)
        gpio.pull("RESET", up=True)
        self.assertEqual(self.rig.shell(f"gpioget {chip(gpio.node())} 5"), "1\n")
        gpio.take("RESET")
        self.assertIn("busy", self.rig.run(["gpioget", chip(gpio.node()), "5"]).output)
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

    def test_usb_stick(self):
        stick = self.rig.plug(UsbStick(serial="STICK7", bad_sector=2048))
        self.assertTrue([link for link in stick.links() if "by-id" in link and "STICK7" in link], stick.links())
        write = f"dd of={stick.node()} oflag=direct conv=sync bs=512 seek="
        self.rig.shell(f"printf hello | {write}8")
        self.assertEqual(stick.read(8 * 512, 6), b"hello\0")
        self.assertIn("Input/output error", self.rig.run(["sh", "-c", f"printf x | {write}2048"]).output)
        stick.unplug()
        stick.write(0, b"other")
        stick.plug()
        self.assertEqual(self.rig.shell(f"head -c 5 {stick.node()}"), "other")

    def test_usb_sd_mux(self):
        mux = self.rig.plug(UsbSdMux())
        positions = []
        mux.on_switch = positions.append
        def switch(to):
            self.rig.shell(f"usbsdmux {mux.node()} {to}")
        switch("host")
        disk = mux.node("block")
        self.rig.shell(f"printf hello | dd of={disk} oflag=direct conv=sync bs=512 seek=8")
        self.assertEqual(mux.card[8 * 512:8 * 512 + 6], b"hello\0")
        switch("dut")
        self.assertEqual((mux.position, positions), ("board", ["host", "off", "board"]))
        self.assertNotEqual(self.rig.run(["dd", f"if={disk}", "of=/dev/null", "count=1"]).status, 0)
        mux.stuck = True
        switch("host")
        self.assertEqual(mux.position, "board")
        self.assertEqual(self.rig.shell(f"usbsdmux {mux.node()} get"), "host\n")  # which is why a driver looks for the medium
        self.comes_back(mux)

    def test_sd_wire(self):
        switch = self.rig.plug(SdWire())
        # struct usbdevfs_ctrltransfer, USBDEVFS_CONTROL
        script = "import fcntl, struct, sys; fcntl.ioctl(open(sys.argv[1], 'wb'), 0xc0185500, " \
            "struct.pack('BBHHHIQ', 0x40, 0x0b, 0x2000 | int(sys.argv[2], 16), 1, 0, 1000, 0))"
        def set_pins(pins):
            self.rig.run(["/usr/bin/python3", "-c", script, switch.usb_node, pins], check=True)
        set_pins("f1")
        self.assertEqual(switch.position, "host")
        switch.stuck = True
        set_pins("f0")
        self.assertEqual(switch.position, "host")

    def test_sound_card(self):
        card = self.rig.plug(SoundCard("Lab"))
        def first_sound(samples):
            """50 ms from the first sound on: a busy machine may interrupt what follows."""
            begin = next(i for i, sample in enumerate(samples) if sample)
            return samples[begin:begin + 2400]
        def player():
            play = self.rig.start(["aplay", "-D", card.pcm, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2"])
            play.write(card.packed(tone(1000, seconds=1.5)))
            play.expect("Playing")
            return play
        recorder = card.listen(seconds=1)
        play = player()
        heard = first_sound(card.heard(recorder)[::2])
        self.assertAlmostEqual(amplitude_at(heard, 1000), 0.5, places=2)
        self.assertLess(amplitude_at(heard, 1500), 0.01)
        play.signal(signal.SIGKILL)  # asked to end, aplay first plays what it has, and waits for more

        voice = card.say(tone(440, seconds=1.5))
        record = self.rig.run(["arecord", "-q", "-D", card.pcm, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2", "-d", "1"])
        self.assertAlmostEqual(amplitude_at(first_sound(card.unpacked(record.stdout_bytes)[::2]), 440), 0.5, places=2)
        voice.wait()

        play = player()
        card.unplug()
        self.assertRegex(play.wait().output, "No such device|File descriptor in bad state")  # as it was writing or waiting
        self.assertEqual(self.rig.run(["test", "-e", "/dev/snd/pcmC0D0p"]).status, 1)
        card.plug()
        player().signal(signal.SIGKILL)

    def test_board_with_its_power_behind_a_relay(self):
        adapter, relay = self.rig.plug(Ftdi()), self.rig.plug(HidRelay())
        board = self.enterContext(Board(adapter.line))
        relay.contacts.on_switch = lambda channel, on: board.power(on)
        console = self.rig.start(["sh", "-c", f"stty -F {adapter.node()} raw -echo; echo open; exec cat {adapter.node()}"])
        console.expect("open")
        self.rig.shell("usbrelay RIG01_1=1")
        console.expect("Hit any key")
        self.rig.shell(f"echo > {adapter.node()}")
        console.expect("=> ")
        self.rig.shell(f"echo version > {adapter.node()}")
        console.expect("=> version")
        self.rig.shell("usbrelay RIG01_1=0")
        self.assertFalse(board.powered)
        self.rig.shell("usbrelay RIG01_1=1")
        self.rig.wait_for(lambda: console.output().count("Hit any key") == 2, "the board did not start again")
        relay.unplug()
        self.assertTrue(board.powered)

    def test_adapter_that_is_part_of_the_board(self):
        adapter, relay = self.rig.plug(CdcAcm()), self.rig.plug(HidRelay())
        relay.contacts.on_switch = lambda channel, on: adapter.power(on)
        adapter.power(False)
        adapter.wait_until_gone()
        self.rig.shell("usbrelay RIG01_1=1")
        adapter.wait_until_there()
        self.passes_bytes(adapter)
        self.rig.shell("usbrelay RIG01_1=0")
        adapter.wait_until_gone()

    def test_network(self):
        port = self.rig.forward(8080)
        server = self.rig.start(["busybox", "nc", "-l", "-p", "8080", "-e", "echo", "hello"])
        def answer():
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                return connection.recv(100)
        self.assertEqual(self.rig.poll(answer, "nobody answers"), b"hello\n")
        server.wait()


if __name__ == "__main__":
    testing.main(tools=("gpioset", "usbrelay", "uhubctl", "usbsdmux", "aplay", "qemu-system-aarch64"))
