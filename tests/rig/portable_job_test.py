# SPDX-License-Identifier: Apache-2.0
"""One portable job, unchanged, on two virtual machines and three boards: five tables of results that are equal.

Everything is real: the daemon, its runners, our TFTP server, NFS, U-Boot and GRUB; a board's console is a port of a console
server, and a command switches its supply."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, NfsServer, parts, testing  # noqa: E402
from rig import Board, UefiBoard  # noqa: E402
from rig.board import start  # noqa: E402
from rig.testing import programs  # noqa: E402
from rig_lab import labs  # noqa: E402

LOAD = ["setenv autoload no", "dhcp", "setenv serverip {SERVER_IP}", "tftpboot ${kernel_addr_r} {KERNEL}",
        "tftpboot ${ramdisk_addr_r} {RAMDISK}", "setenv initrd_size ${filesize}"]
START = "booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${fdtcontroladdr}"
ROOT = "root=/dev/nfs rw nfsroot={NFS_SERVER_IP}:{NFSROOTFS},vers=4.2"

U_BOOT = {
    "parameters": {"bootloader_prompt": "=>", "interrupt_prompt": "Hit any key to stop autoboot", "interrupt_char": ""},
    "ramdisk": {"commands": [*LOAD, "setenv bootargs 'console=ttyAMA0 panic=-1 ip=dhcp {BOOT_ARGUMENTS}'", START]},
}
U_BOOT_NFS = {
    "parameters": U_BOOT["parameters"],
    "nfs": {"commands": [*LOAD, f"setenv bootargs 'console=ttyAMA0 panic=-1 ip=dhcp {ROOT} {{BOOT_ARGUMENTS}}'", START]},
}
GRUB = {
    "parameters": {"bootloader_prompt": "grub>"},
    "ramdisk": {"commands": ["net_bootp", "linux (tftp,{SERVER_IP})/{KERNEL} console=ttyS0 panic=-1 ip=dhcp {BOOT_ARGUMENTS}",
                             "initrd (tftp,{SERVER_IP})/{RAMDISK}", "boot"]},
}
CONSTANTS = {
    "posix": {"lava_test_sh_cmd": "/bin/sh", "lava_test_results_dir": "/lava-%s", "lava_test_shell_file": "~/.profile"},
    "u-boot": {"interrupt-newline": True, "final-message": "Starting kernel", "error-messages": ["Retry count exceeded"]},
    "grub": {"interrupt-prompt": "for a command-line", "interrupt-character": "c", "interrupt-newline": False},
}

TESTS = [
    "lava-test-case shell --shell true",
    "lava-test-case fails --shell false",
    "lava-test-case kernel --shell 'uname -r | grep -q ^6'",
    "lava-test-case overlay --shell test -x /lava-$LAVA_JOB_ID/bin/lava-test-runner",
    "lava-test-case arguments --shell grep -q no_timer_check /proc/cmdline",
    "lava-test-case left-out --result skip",
    "lava-test-case speed --result pass --measurement 12.5 --units MB/s",
]


def portable_job(folder):
    def files(kernel, ramdisk, rootfs=None):
        found = {"kernel": kernel, "ramdisk": ramdisk, **({"rootfs": rootfs, "initrd": ramdisk} if rootfs else {})}
        return {name: f"file://{folder}/{file}" for name, file in found.items()}

    return json.dumps({
        "portable": 1, "name": "everywhere",
        "artifacts": {"x86_64": files("vmlinuz", "initrd.cpio.gz"),
                      "arm64": files("Image-arm64", "initrd-arm64.cpio.gz", "nfsroot-arm64.tar.gz")},
        "boot_arguments": "no_timer_check",
        "tests": [{"name": "smoke", "from": "inline", "path": "inline/smoke.yaml", "repository": {
            "metadata": {"format": "Lava-Test Test Definition 1.0", "name": "smoke"}, "run": {"steps": TESTS}}}],
        "system": {"prompts": ["root@pb-guest:~# "]},
        "timeouts": {"deploy": "5m", "boot": "6m", "test": "4m"},
        "where": ["qemu-x86_64", "qemu-arm64", "u-boot-ramdisk", "u-boot-nfs", "grub"],
        "expect": {"smoke/fails": "fail", "smoke/left-out": "skip", "smoke/shell": "pass", "smoke/kernel": "pass"},
    })


class Everywhere(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-portable-")))
        self.folder.chmod(0o755)
        self.tftp_root, self.nfs_root = self.folder / "tftp", self.folder / "nfs"
        self.tftp_root.mkdir()
        self.nfs_root.mkdir()
        self.lan = self.enterContext(Lan())
        self.enterContext(NfsServer(self.lan, self.nfs_root))
        server = start([programs() / "patchbay-tftpd", "--root", self.tftp_root, "--listen", f"{self.lan.server}:69"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        limit = time.monotonic() + 30
        while not self.lan.serves(69):
            self.assertLess(time.monotonic(), limit, "patchbay-tftpd does not serve")
            time.sleep(0.02)

    def device(self, device_type, bench, method, options):
        """An entry of the lab's devices, whose file is LAVA's rendered YAML."""
        file = self.folder / f"{device_type}.yaml"
        file.write_text(json.dumps({
            "hostname": f"{device_type}-01", "devicetype": device_type, "constants": CONSTANTS, "parameters": {},
            "hardware": {"console": bench.hardware["console"]},
            "commands": {key: bench.commands[key] for key in ("hard_reset", "power_off")},
            "actions": {"deploy": {"methods": {"tftp": None, "nfs": None}}, "boot": {"methods": {method: options}}},
            "timeouts": {"actions": {}, "connections": {}}}), "utf-8")
        return {"name": f"{device_type}-01", "device_type": device_type, "file": str(file)}

    def test_the_same_job_on_five_kinds_of_machine(self):
        boards = {name: self.enterContext(Bench(*kind, lan=self.lan)) for name, kind in
                  {"u-boot-ramdisk": (Board,), "u-boot-nfs": (Board,), "grub": (UefiBoard, parts() / "efi")}.items()}
        devices = [{"name": f"vm-{number}", "device_type": "qemu"} for number in (1, 2)]
        devices += [self.device("u-boot-ramdisk", boards["u-boot-ramdisk"], "u-boot", U_BOOT),
                    self.device("u-boot-nfs", boards["u-boot-nfs"], "u-boot", U_BOOT_NFS),
                    self.device("grub", boards["grub"], "grub", GRUB)]
        arm64 = {"recipe": {"architecture": "arm64", "kernel_type": ""}}
        types = {"qemu": {}, "u-boot-ramdisk": arm64, "u-boot-nfs": arm64, "grub": {"recipe": {"architecture": "x86_64"}}}
        lab = self.enterContext(labs.Lab(programs(), "\n".join([
            f"devices: {json.dumps(devices)}",
            f"device_types: {json.dumps({name: {**entry, 'disable_health_check': True} for name, entry in types.items()})}",
            f"allowed_file_paths: [{parts()}]", f"tftp_root: {self.tftp_root}", f"nfs_root: {self.nfs_root}",
            f"dispatcher_ip: {self.lan.server}"]) + "\n")).start(60)
        lab.add_user()
        answer = lab.request("POST", "/api/v0.2/jobs/", {"definition": portable_job(parts())})
        self.assertEqual(answer.status, 201, answer.body)
        jobs = answer.json()["job_ids"]
        self.assertEqual(len(jobs), 5)
        for job in jobs:
            with contextlib.suppress(RuntimeError):
                lab.wait(job, seconds=900)
        table = lab.get(f"/api/v0.2/portable_jobs/{answer.json()['portable_job']}/").json()
        self.print_table(lab, table)
        for job in table["jobs"]:
            log = "\n".join(lab.log_lines(job["job"])[-60:])
            self.assertEqual((job["state"], job["health"]), ("finished", "complete"), f"{job['device_type']}:\n{log}")
        self.assertEqual([test["test"] for test in table["tests"] if not test["equal"]], [])
        self.assertEqual({test["test"]: test["results"][0] for test in table["tests"]}, {
            "smoke/shell": {"result": "pass", "mark": "expected"}, "smoke/fails": {"result": "fail", "mark": "expected"},
            "smoke/kernel": {"result": "pass", "mark": "expected"}, "smoke/overlay": {"result": "pass", "mark": "new"},
            "smoke/arguments": {"result": "pass", "mark": "new"},
            "smoke/left-out": {"result": "skip", "mark": "expected"}, "smoke/speed": {"result": "pass", "mark": "new"}})
        for name, bench in boards.items():
            self.assertFalse(bench.board.powered, name)
        self.assertEqual(list(self.tftp_root.iterdir()) + list(self.nfs_root.iterdir()), [], "something of a job is left")

    @staticmethod
    def print_table(lab, table):
        print()
        for column, job in enumerate(table["jobs"]):
            times = lab.job(job["job"])
            results = " ".join(f"{test['test']}={test['results'][column]['result']}" for test in table["tests"])
            print(f"{job['device_type']:15} {job['health']:10} {times['start_time'][11:19]} to {(times['end_time'] or '')[11:19]}  {results}",
                  flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    testing.main()
