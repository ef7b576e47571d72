# SPDX-License-Identifier: Apache-2.0
"""LAVA's jobs at real boot loaders: patchbay-runner stops U-Boot or GRUB, loads over the network, boots, and is at a shell."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, parts, testing  # noqa: E402
from rig import Board, UefiBoard  # noqa: E402

U_BOOT = {
    "parameters": {"bootloader_prompt": "=>", "interrupt_prompt": "Hit any key to stop autoboot", "interrupt_char": ""},
    "ramdisk": {"commands": [
        "setenv autoload no",
        "setenv note 'TIMEOUT => Starting kernel'",  # what is typed is no answer
        "dhcp",
        "setenv serverip {SERVER_IP}",
        "tftpboot ${kernel_addr_r} Image-arm64",
        "tftpboot ${ramdisk_addr_r} initrd-arm64.cpio.gz",
        "setenv bootargs console=ttyAMA0 panic=-1 ip=dhcp",
        "booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdtcontroladdr}"]},
    "nothing": {"commands": ["booti ${kernel_addr_r} - ${fdtcontroladdr}"]},
    "unknown": {"commands": ["bootq"]},
}
GRUB = {
    "parameters": {"bootloader_prompt": "grub>"},
    "ramdisk": {"commands": [
        "net_bootp",
        "linux (tftp,{SERVER_IP})/vmlinuz console=ttyS0 panic=-1 ip=dhcp",
        "initrd (tftp,{SERVER_IP})/initrd.cpio.gz",
        "boot"]},
    "nothing": {"commands": ["net_bootp", "boot"]},
    "missing": {"commands": ["net_bootp", "linux (tftp,{SERVER_IP})/missing", "boot"]},
}
CONSTANTS = {
    "posix": {"lava_test_sh_cmd": "/bin/sh", "lava_test_results_dir": "/lava-%s"},
    "u-boot": {"interrupt-newline": True, "final-message": "Starting kernel",
               "error-messages": ["Resetting CPU", "TIMEOUT", "Retry count exceeded", "Bad Linux ARM64 Image magic!"]},
    "grub": {"interrupt-prompt": "for a command-line", "interrupt-character": "c", "interrupt-newline": False,
             "error-messages": ["error: timeout reading", "error: file (.*) not found"]},  # it prints the server's words
}


def job(method, commands, interrupt=180):
    boot = {"method": method, "commands": commands, "prompts": ["root@pb-guest:~# "], "timeout": {"minutes": 4}}
    ask = {"name": "shell", "prompts": ["root@pb-guest:~# "],
           "script": [{"name": "machine", "command": "uname -m", "successes": [{"message": "aarch64|x86_64"}]}]}
    return {"job_name": "boot loader", "visibility": "public",
            "timeouts": {"job": {"minutes": 8}, "action": {"minutes": 4}, "connection": {"minutes": 1},
                         "actions": {"bootloader-interrupt": {"seconds": interrupt}}},
            "actions": [{"boot": boot}, {"test": {"timeout": {"minutes": 2}, "interactive": [ask]}}]}


class Jobs(unittest.TestCase):
    def setUp(self):
        self.lan = self.enterContext(Lan(tftp=parts()))
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-job-")))

    def run_job(self, bench, definition, methods, **more):
        """The exit code and the log's records."""
        device = {"hostname": "board-01", "devicetype": "board", "constants": CONSTANTS, "parameters": {},
                  "hardware": {"console": bench.hardware["console"]},
                  "commands": {key: bench.commands[key] for key in ("hard_reset", "power_off")},
                  "actions": {"deploy": {"methods": {}}, "boot": {"methods": methods}},
                  "timeouts": {"actions": {}, "connections": {}}, **more}
        for name, value in (("job", definition), ("device", device), ("dispatcher", {"dispatcher_ip": self.lan.server})):
            (self.folder / name).write_text(json.dumps(value), "utf-8")
        program = pathlib.Path(os.environ["PATCHBAY_PROGRAMS"]) / "patchbay-runner"
        done = subprocess.run([program, "--job-id", "42", "--output-dir", self.folder / "out", "--device", self.folder / "device",
                               "--dispatcher", self.folder / "dispatcher", self.folder / "job"],
                              env={**os.environ, "XDG_STATE_HOME": str(self.folder)}, stderr=subprocess.PIPE, timeout=500, check=False)
        self.log = done.stderr.decode("utf-8", "replace")
        records = [json.loads(line) for line in self.log.splitlines() if line.startswith('{"dt"')]
        return done.returncode, [record["msg"] for record in records if record["lvl"] == "results"]

    def passes(self, bench, definition, methods, **more):
        code, results = self.run_job(bench, definition, methods, **more)
        self.assertEqual(code, 0, self.log[-4000:])
        passed = {result["case"] for result in results if result["result"] == "pass"}
        self.assertLessEqual({"pdu-reboot", "login-action", "machine", "job"}, passed)
        self.assertFalse(bench.board.powered)

    def fails(self, bench, definition, methods, case):
        """The error of the job, whose first failing case is this one."""
        code, results = self.run_job(bench, definition, methods)
        self.assertEqual(code, 1, self.log[-4000:])
        self.assertEqual(next(result["case"] for result in results if result["result"] == "fail"), case, self.log[-4000:])
        self.assertFalse(bench.board.powered)
        self.assertEqual(results[-1]["error_type"], "Infrastructure")
        return results[-1]["error_msg"]

    def test_u_boot(self):
        with Bench(Board, lan=self.lan) as bench:
            self.passes(bench, job("u-boot", "ramdisk"), {"u-boot": U_BOOT})

    def test_u_boot_typed_slowly(self):
        with Bench(Board, lan=self.lan) as bench:
            self.passes(bench, job("u-boot", "ramdisk"), {"u-boot": U_BOOT}, character_delays={"boot": 5})

    def test_u_boot_without_an_image(self):
        with Bench(Board, lan=self.lan) as bench:
            text = self.fails(bench, job("u-boot", "nothing"), {"u-boot": U_BOOT}, "bootloader-commands")
            self.assertEqual(text, "matched a bootloader error message: 'Bad Linux ARM64 Image magic!' (4); "
                                   "u-boot said: Bad Linux ARM64 Image magic!")

    def test_u_boot_that_does_not_know_the_command(self):
        with Bench(Board, lan=self.lan) as bench:
            text = self.fails(bench, job("u-boot", "unknown"), {"u-boot": U_BOOT}, "bootloader-commands")
            self.assertIn("back at its prompt '=>' after its last command 'bootq'", text)

    def test_u_boot_whose_server_is_gone(self):
        with Bench(Board, lan=self.lan) as bench:
            commands = ["setenv ipaddr 192.168.77.99", f"setenv serverip {self.lan.server}", "setenv netretry no",
                        "tftpboot ${kernel_addr_r} Image-arm64", "booti ${kernel_addr_r}"]
            self.lan.stop_serving()
            text = self.fails(bench, job("u-boot", commands), {"u-boot": U_BOOT}, "bootloader-commands")
            self.assertIn("Retry count exceeded", text)

    def test_a_board_without_a_boot_loader(self):
        with Bench(Board, ["-S"], lan=self.lan) as bench:
            text = self.fails(bench, job("u-boot", "ramdisk", interrupt=20), {"u-boot": U_BOOT}, "bootloader-interrupt")
            self.assertRegex(text, "^bootloader-interrupt timed out after (19|20) seconds$")

    def test_grub_that_has_no_kernel_to_boot(self):
        with Bench(UefiBoard, parts() / "efi", lan=self.lan) as bench:
            text = self.fails(bench, job("grub", "nothing"), {"grub": GRUB}, "auto-login-action")
            self.assertIn("back at its prompt 'grub>' after its last command 'boot'", text)
            self.assertIn("you need to load the kernel first", text)

    def test_grub_that_does_not_find_the_kernel(self):
        with Bench(UefiBoard, parts() / "efi", lan=self.lan) as bench:
            text = self.fails(bench, job("grub", "missing"), {"grub": GRUB}, "bootloader-commands")
            self.assertRegex(text, "^matched a bootloader error message: 'error: file .*' [(]2[)]; grub said: error: file .*missing not found")

    def test_grub(self):
        with Bench(UefiBoard, parts() / "efi", lan=self.lan) as bench:
            self.passes(bench, job("grub", "ramdisk"), {"grub": GRUB})


if __name__ == "__main__":
    testing.main()
