# SPDX-License-Identifier: Apache-2.0
"""The boards of a bench, started by hand: power, boot loader, kernel, shell. Each says how long that took."""

import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, NfsServer, can_serve_nfs, parts, testing  # noqa: E402
from rig import Board, UefiBoard  # noqa: E402

SHELL = b"root@pb-guest:~# "


class Booted(unittest.TestCase):
    """Boots by hand, at the console that a person would have."""

    def setUp(self):
        self.begin = time.monotonic()
        self.took = []

    def tearDown(self):
        print(f"{self.id()}: " + ", ".join(self.took), flush=True)

    def reached(self, what):
        self.took.append(f"{what} {time.monotonic() - self.begin:.1f} s")

    def switch(self, bench, word):
        return subprocess.run(["sh", "-c", bench.switch(word)], capture_output=True, text=True, check=True).stdout.strip()

    def power_on(self, bench):
        self.begin = time.monotonic()
        self.console = self.enterContext(bench.console())
        self.assertEqual(self.switch(bench, "status"), "off")
        self.assertEqual(self.switch(bench, "on"), "on")

    def loader(self, command):
        return self.console.ask(command, self.prompt)

    def reaches_the_shell(self, machine):
        self.console.expect(b"Linux version")
        self.reached("kernel")
        self.console.expect(SHELL)
        self.reached("shell")
        self.assertIn(machine, self.console.ask("uname -a", SHELL))

    def power_off(self, bench):
        self.assertEqual(self.switch(bench, "off"), "off")
        self.assertEqual(self.switch(bench, "status"), "off")
        self.assertFalse(bench.board.powered)


class UBoot(Booted):
    prompt = b"=> "

    def to_the_loader(self, bench):
        self.power_on(bench)
        self.console.expect(b"Hit any key to stop autoboot")
        self.console.type(b" ")
        self.console.expect(self.prompt)
        self.reached("U-Boot")

    def load(self):
        self.assertIn("DHCP client bound to address 192.168.77.", self.loader("setenv autoload no; dhcp"))
        self.loader("setenv serverip 192.168.77.1")
        for address, name in (("kernel_addr_r", "Image-arm64"), ("ramdisk_addr_r", "initrd-arm64.cpio.gz")):
            answer = self.loader(f"tftpboot ${{{address}}} {name}")
            self.assertIn(f"Bytes transferred = {(parts() / name).stat().st_size}", answer)
        self.reached("files")

    def boot(self, arguments):
        self.loader(f"setenv bootargs console=ttyAMA0 panic=-1 {arguments}")
        self.console.type(b"booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdtcontroladdr}\n")
        self.reaches_the_shell("aarch64")


class Tftp(UBoot):
    def test_u_boot_loads_kernel_and_ram_disk_by_tftp(self):
        lan = self.enterContext(Lan(tftp=parts()))
        with Bench(Board, lan=lan) as bench:
            self.to_the_loader(bench)
            self.load()
            self.boot("ip=dhcp")
            self.assertIn("192.168.77.", self.console.ask("ip addr show eth0", SHELL))
            self.assertIn("0% packet loss", self.console.ask(f"ping -c 1 {lan.server}", SHELL))
            self.console.type(b"reboot -f\n")
            self.console.expect(b"Hit any key to stop autoboot")
            self.assertEqual(self.switch(bench, "reset"), "on")
            self.console.expect(b"Hit any key to stop autoboot")
            self.assertEqual(bench.board.starts, 2)
            self.power_off(bench)

    def test_two_boards_are_on_one_network(self):
        lan = self.enterContext(Lan(tftp=parts()))
        addresses = set()
        for _ in range(2):
            bench = self.enterContext(Bench(Board, lan=lan))
            self.to_the_loader(bench)
            answer = self.loader("setenv autoload no; dhcp")
            addresses.add(answer.partition("bound to address ")[2].split()[0])
        self.assertEqual(len(addresses), 2)
        lan.stop_serving()
        self.console.type(b"tftpboot ${kernel_addr_r} Image-arm64\n")
        self.console.expect(b"Loading: *")
        self.console.type(b"\x03")
        self.console.expect(b"Abort")


class Nfs(UBoot):
    def setUp(self):
        super().setUp()
        if not can_serve_nfs():
            self.skipTest("only root can serve NFS")

    def test_u_boot_starts_a_system_whose_root_is_nfs(self):
        lan = self.enterContext(Lan(tftp=parts()))
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-roots-")))
        root = folder / "board-01"
        root.mkdir()
        subprocess.run(["tar", "-C", root, "-xf", parts() / "nfsroot-arm64.tar.gz"], check=True)
        self.enterContext(NfsServer(lan, folder))
        with Bench(Board, lan=lan) as bench:
            self.to_the_loader(bench)
            self.load()
            self.boot(f"root=/dev/nfs rw nfsroot={lan.server}:{root},tcp,hard,vers=4.2 ip=dhcp")
            self.assertRegex(self.console.ask("grep ' / ' /proc/mounts", SHELL), f"{lan.server}:{root} / nfs4 ")
            # Both sides see one tree.
            self.console.ask("echo of the board > /home/file; sync", SHELL)
            self.assertEqual((root / "home/file").read_text("utf-8"), "of the board\n")
            (root / "home/ours.sh").write_text("#!/bin/sh\necho of the $1\n", "utf-8")
            self.assertIn("of the server", self.console.ask("sh /home/ours.sh server", SHELL))
            self.power_off(bench)


class Grub(Booted):
    prompt = b"grub> "

    def test_grub_of_a_uefi_machine_loads_kernel_and_ram_disk_by_tftp(self):
        lan = self.enterContext(Lan(tftp=parts()))
        with Bench(UefiBoard, parts() / "efi", lan=lan) as bench:
            self.power_on(bench)
            self.console.expect(b"for a command-line")
            self.reached("menu")
            self.console.type(b"c")
            self.console.expect(self.prompt)
            self.loader("net_bootp")
            self.assertIn("192.168.77.", self.loader("net_ls_addr"))
            self.loader(f"linux (tftp,{lan.server})/vmlinuz console=ttyS0 panic=-1 ip=dhcp")
            self.loader(f"initrd (tftp,{lan.server})/initrd.cpio.gz")
            self.reached("files")
            self.console.type(b"boot\n")
            self.reaches_the_shell("x86_64")
            self.assertIn("0% packet loss", self.console.ask(f"ping -c 1 {lan.server}", SHELL))
            self.power_off(bench)


if __name__ == "__main__":
    testing.main()
