#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""patchbay-runner as the daemon starts it: what it prints becomes runner.log, which people read in a terminal."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(sys.argv.pop(1)) / "patchbay-runner"


class ProgramTest(unittest.TestCase):
    def test_its_last_word_is_one_line_without_control_characters(self):
        done = subprocess.run([PROGRAM, "--lease", "/nowhere/\x1b[2J\n[2026-01-01] all is well"],
                              stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"/nowhere/\\x1b[2J\\n[2026-01-01] all is well/lease.json", done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)

    def test_so_is_what_it_logs(self):
        with tempfile.TemporaryDirectory() as folder:
            job = pathlib.Path(folder, "job.yaml")
            job.write_text("{")
            arguments = ["--job-id", "7", "--output-dir", folder + "/out", "--url", "http://127.0.0.1:1/\x1b[2J",
                         "--token", "x", "--job-log-interval", "0.1", str(job)]
            with subprocess.Popen([PROGRAM, *arguments], stderr=subprocess.PIPE) as runner:
                said = runner.stderr.readline()
                runner.kill()  # it tries for ever
        self.assertIn(b"log upload failed, trying for ever url=http://127.0.0.1:1/\\x1b[2J", said)


if __name__ == "__main__":
    unittest.main()
