# SPDX-License-Identifier: Apache-2.0
"""`patchbay run` on real guests: both ARMs, a target that fetches its tests over the network, one that is installed."""

import argparse
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import installer_media

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INITRD = {"amd64": "initrd.cpio.gz", "arm64": "initrd-arm64.cpio.gz", "armhf": "initrd-armhf.cpio.gz"}


def guest_folder(architecture, needs=b"", beside="."):
    """$PATCHBAY_GUEST, or a folder made now; None when neither has a guest with these bytes in its root file system, and this
    file beside it."""
    made = pathlib.Path(arguments.programs).parent / "guest"
    for folder in (os.environ.get("PATCHBAY_GUEST"), made):
        if folder == made:
            subprocess.run([ROOT / "scripts/make-guest", made, architecture], timeout=240, check=False)
        initrd = pathlib.Path(folder or "/nonexistent") / INITRD[architecture]
        if initrd.exists() and (initrd.parent / beside).exists() and needs in gzip.decompress(initrd.read_bytes()):
            return initrd.parent
    return None


class GuestJobs(unittest.TestCase):
    def guest(self, emulator, architecture, needs=b"", beside="."):
        if not shutil.which(emulator):
            self.skipTest("no " + emulator + " on this machine")
        folder = guest_folder(architecture, needs, beside)
        if folder is None:
            self.skipTest("no guest for %s with '%s%s'; scripts/make-guest makes it" % (architecture, needs.decode(), beside))
        return folder.resolve()

    def passes(self, job):
        with tempfile.TemporaryDirectory(prefix="patchbay-guest-") as state:
            done = subprocess.run([os.path.join(arguments.programs, "patchbay"), "run", "-"], text=True, check=False,
                                  input=job, capture_output=True,
                                  env=dict(os.environ, XDG_STATE_HOME=state))
        # 0: the job is Complete and no test case failed.
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def boots(self, job, *guest):
        self.passes(job.replace("@GUEST@", str(self.guest(*guest))))

    def test_a_target_fetches_its_overlay(self):
        self.boots((HERE / "transfer-overlay.yaml").read_text(), "qemu-system-x86_64", "amd64", b"virtio_net.ko")

    def test_a_job_on_a_64_bit_arm(self):
        self.boots((ROOT / "examples/arm64-job.yaml").read_text(), "qemu-system-aarch64", "arm64")

    def test_a_job_on_a_32_bit_arm(self):
        job = (ROOT / "examples/arm64-job.yaml").read_text()
        for ours, theirs in (("arch: arm64", "arch: arm"), ("  cpu: max\n", ""), ("/Image-arm64", "/zImage-armhf"),
                             ("initrd-arm64", "initrd-armhf"), ("= aarch64", "= armv7l")):
            self.assertIn(ours, job)
            job = job.replace(ours, theirs)
        self.boots(job, "qemu-system-arm", "armhf")

    def test_a_machine_installs_a_system_and_boots_it(self):
        missing = installer_media.why_impossible()
        if missing:
            self.skipTest(missing)
        guest = self.guest("qemu-system-x86_64", "amd64", b"virtio_net.ko", "ide-amd64.cpio.gz")
        with tempfile.TemporaryDirectory(prefix="patchbay-media-") as name:
            media = pathlib.Path(name)
            installer_media.make_media(guest, media)
            (media / "answers.cfg").write_text("d-i netcfg/get_hostname string named-by-answers\n", "ascii")
            self.passes((HERE / "iso-installer.yaml").read_text().replace("@MEDIA@", name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="folder of patchbay and patchbay-runner")
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)  # names what was skipped
