# SPDX-License-Identifier: Apache-2.0
"""What docs/first-board.md has its reader write down is taken by the programs that it names."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAMS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin").resolve()


class FirstBoard(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="patchbay-first-board-")))
        page = (ROOT / "docs/first-board.md").read_text("utf-8")
        self.lab, self.first, self.device, self.second = re.findall(r"```yaml\n(.*?)```", page, re.S)

    def check(self, program, *arguments, text):
        file = self.folder / "file.yaml"
        file.write_text(text, "utf-8")
        done = subprocess.run([PROGRAMS / program, *arguments, file], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_its_jobs_are_valid_to_the_last_key(self):
        for job in (self.first, self.second):
            self.check("patchbay", "validate", "--strict", text=job)

    def test_its_lab_is_good_with_and_without_the_device_file(self):
        device = self.folder / "my-board.yaml"
        device.write_text(self.device, "utf-8")
        with_file = self.lab.replace("  hardware:", f"  file: {device}\n  hardware:")
        for lab in (self.lab, with_file):
            self.check("patchbayd", "check", "--config", text=lab)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
