# SPDX-License-Identifier: Apache-2.0
"""One portable job, unchanged, on two virtual machines and three boards: five tables of results that are equal.

Everything is real: the daemon, its runners, our TFTP server, NFS, U-Boot and GRUB. One board has its console at a serial port
of this machine, the others at a console server; a command switches their supplies."""

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boards import Bench, Lan, NfsServer, TftpServer, UsbSerialPort, parts, testing  # noqa: E402
from boards.device_file import boot_method, device, grub, u_boot  # noqa: E402
from boards.usb_serial_port import can_be_seen  # noqa: E402
from rig import Board, UefiBoard  # noqa: E402
from rig.testing import programs  # noqa: E402
from rig_lab import labs  # noqa: E402

ROOT = "root=/dev/nfs rw nfsroot={NFS_SERVER_IP}:{NFSROOTFS},vers=4.2"

TESTS = [
    "lava-test-case shell --shell true",
    "lava-test-case fails --shell false",
    "lava-test-case kernel --shell 'uname -r | grep -q ^6'",
    "lava-test-case overlay --shell test -x /lava-$LAVA_JOB_ID/bin/lava-test-runner",
    "lava-test-case arguments --shell grep -q no_timer_check /proc/cmdline",
    # No machine has it before, and it needs others.
    "lava-test-case module --shell 'test ! -d /sys/module/ipip && modprobe ipip && test -d /sys/module/ip_tunnel'",
    "lava-test-case device-tree --shell 'test $(uname -m) = x86_64 || grep -q patchbay,pb-virt /proc/device-tree/compatible'",
    "lava-test-case left-out --result skip",
    "lava-test-case speed --result pass --measurement 12.5 --units MB/s",
]


def portable_job(folder):
    def files(**names):
        return {name: f"file://{folder}/{file}" for name, file in names.items()}

    arm64_ramdisk = "initrd-arm64.cpio.gz"
    return json.dumps({
        "portable": 1, "name": "everywhere",
        "artifacts": {"x86_64": files(kernel="vmlinuz", ramdisk="initrd.cpio.gz", modules="modules-amd64.tar.gz"),
                      "arm64": files(kernel="Image-arm64", ramdisk=arm64_ramdisk, rootfs="nfsroot-arm64.tar.gz", initrd=arm64_ramdisk,
                                     modules="modules-arm64.tar.gz", dtb="virt-arm64.dtb")},
        "boot_arguments": "no_timer_check",
        "tests": [{"name": "smoke", "from": "inline", "path": "inline/smoke.yaml", "repository": {
            "metadata": {"format": "Lava-Test Test Definition 1.0", "name": "smoke"}, "run": {"steps": TESTS}}}],
        "system": {"prompts": ["root@pb-guest:~# "]},
        "timeouts": {"deploy": "5m", "boot": "6m", "test": "4m"},
        "where": ["qemu-x86_64", "qemu-arm64", "u-boot-ramdisk", "u-boot-nfs", "grub"],
        "expect": {"smoke/fails": "fail", "smoke/left-out": "skip", "smoke/shell": "pass", "smoke/kernel": "pass"},
    })


class LabWithPort(labs.Lab):
    """A daemon whose runners see the port, if there is one."""

    def __init__(self, port, *arguments):
        super().__init__(*arguments)
        self.serial_port = port

    def command(self, *arguments):
        words = super().command(*arguments)
        return self.serial_port.seen_by(words) if self.serial_port else words


class Everywhere(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-portable-")))
        self.folder.chmod(0o755)
        self.tftp_root, self.nfs_root = self.folder / "tftp", self.folder / "nfs"
        self.tftp_root.mkdir()
        self.nfs_root.mkdir()
        self.lan = self.enterContext(Lan())
        self.enterContext(NfsServer(self.lan, self.nfs_root))
        self.enterContext(TftpServer(self.lan, self.tftp_root))

    def test_the_same_job_on_five_kinds_of_machine(self):
        port = UsbSerialPort("CONSOLE1") if can_be_seen() else None
        boards = {name: self.enterContext(Bench(*kind, lan=self.lan, line=line)) for name, (line, *kind) in {
            "u-boot-ramdisk": (port, Board), "u-boot-nfs": (None, Board), "grub": (None, UefiBoard, parts() / "efi")}.items()}
        methods = {"u-boot-ramdisk": boot_method("u-boot", ramdisk=u_boot(dtb=True)),
                   "u-boot-nfs": boot_method("u-boot", nfs=u_boot(dtb=True, root=ROOT)),
                   "grub": boot_method("grub", ramdisk=grub())}
        devices = [{"name": f"vm-{number}", "device_type": "qemu"} for number in (1, 2)]
        devices += [device(self.folder, name, bench, methods[name]) for name, bench in boards.items()]
        arm64 = {"recipe": {"architecture": "arm64", "kernel_type": ""}}
        types = {"qemu": {}, "u-boot-ramdisk": arm64, "u-boot-nfs": arm64, "grub": {"recipe": {"architecture": "x86_64"}}}
        lab = self.enterContext(LabWithPort(port, programs(), "\n".join([
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
            if port and job["device_type"] == "u-boot-ramdisk":
                self.assertIn("the adapter with serial_number CONSOLE1, 115200 8n1", "\n".join(lab.log_lines(job["job"])))
        self.assertEqual([test["test"] for test in table["tests"] if not test["equal"]], [])
        self.assertEqual({test["test"]: test["results"][0] for test in table["tests"]}, {
            "smoke/shell": {"result": "pass", "mark": "expected"}, "smoke/fails": {"result": "fail", "mark": "expected"},
            "smoke/kernel": {"result": "pass", "mark": "expected"}, "smoke/overlay": {"result": "pass", "mark": "new"},
            "smoke/arguments": {"result": "pass", "mark": "new"},
            "smoke/module": {"result": "pass", "mark": "new"}, "smoke/device-tree": {"result": "pass", "mark": "new"},
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
