# SPDX-License-Identifier: Apache-2.0
"""Each emulated serial adapter is one for the kernel, passes bytes, and comes back."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import CdcAcm, Ch340, Cp2104, Ftdi, FtdiChip, testing  # noqa: E402


class SerialAdapters(testing.RigTest):
    def serial(self, adapter, node, link):
        self.rig.plug(adapter)
        self.assertEqual(adapter.node(), node)
        self.assertTrue([one for one in adapter.links() if one.startswith("/dev/serial/by-id/" + link)], adapter.links())
        self.assertTrue([one for one in adapter.links() if one.startswith("/dev/serial/by-path/")], adapter.links())
        self.assertTrue(adapter.sys_path().startswith(adapter.usb_sys_path + "/"), adapter.sys_path())
        driver = self.rig.shell(f"readlink -f {adapter.sys_path()}/../../driver")
        self.passes_bytes(adapter)
        self.comes_back(adapter)
        self.passes_bytes(adapter)
        return driver.strip().rpartition("/")[2]

    def test_ftdi(self):
        self.assertEqual(self.serial(Ftdi(serial="A1"), "/dev/ttyUSB0", "usb-QEMU_QEMU_USB_SERIAL_A1"), "ftdi_sio")

    def test_cdc_acm(self):
        adapter = CdcAcm(serial="B2")
        self.assertEqual(self.serial(adapter, "/dev/ttyACM0", "usb-patchbay_console_B2"), "cdc_acm")
        self.assertEqual(adapter.baud, 115200)

    def test_ch340(self):
        self.assertEqual(self.serial(Ch340(), "/dev/ttyUSB0", "usb-1a86_USB_Serial"), "ch341-uart")

    def test_cp2104(self):
        adapter = Cp2104(serial="C3")
        self.assertEqual(self.serial(adapter, "/dev/ttyUSB0", "usb-Silicon_Labs_CP2104_USB_to_UART_Bridge_Controller_C3"), "cp210x")
        gpio = adapter.node("gpio")
        self.rig.shell(f"gpioset {gpio} 2=0")
        self.assertEqual([adapter.level(line) for line in range(4)], [1, 1, 0, 1])
        adapter.stuck = 0b1000
        self.rig.shell(f"gpioset {gpio} 3=0")
        self.assertEqual(adapter.level(3), 1)

    def test_chip_with_four_ports(self):
        chip = self.rig.plug(FtdiChip(serial="Q1", ports=4))
        self.assertEqual(len(set(chip.nodes("tty"))), 4)
        for number, (port, node) in enumerate(zip(chip.ports, chip.nodes("tty"))):
            self.passes_bytes(port, node)
            link = f"/dev/serial/by-id/usb-FTDI_Quad_RS232-HS_Q1-if{number:02}-port0"
            self.assertEqual(self.rig.shell(f"readlink -f {link}").strip(), node)
        # The modem's lines, as TIOCMGET gives them.
        script = "import array, fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK); " \
            "a = array.array('i', [0]); fcntl.ioctl(fd, 0x5415, a); print(bool(a[0] & 0x20))"
        read = ["/usr/bin/python3", "-c", script, chip.node()]
        self.assertEqual(self.rig.run(read).output, "True\n")
        chip.ports[0].set_modem(0)
        self.assertEqual(self.rig.run(read).output, "False\n")
        self.comes_back(chip)

    def test_breaks_modem_lines_and_rates_reach_the_far_end(self):
        script = "import os, sys, termios; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); a = termios.tcgetattr(fd); " \
            "a[4] = a[5] = termios.B115200; termios.tcsetattr(fd, termios.TCSANOW, a); termios.tcsendbreak(fd, 0); " \
            "print('sent', flush=True); sys.stdin.read()"
        for adapter in (CdcAcm(), Cp2104(), Ch340(), FtdiChip()):
            with self.subTest(adapter.id):
                self.rig.plug(adapter)
                end = adapter.ports[0] if isinstance(adapter, FtdiChip) else adapter
                program = self.rig.start(["/usr/bin/python3", "-c", script, adapter.node()])
                program.expect("sent")
                self.rig.wait_for(lambda: end.dtr and end.rts, "the modem lines are not set")
                self.assertEqual(end.breaks, 1)
                if not isinstance(adapter, Ch340):
                    self.assertAlmostEqual(end.baud, 115200, delta=500)
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


if __name__ == "__main__":
    testing.main(tools=("gpioset",))
