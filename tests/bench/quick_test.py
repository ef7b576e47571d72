#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every measurement runs and gives rows of the promised shape; what they measured is not looked at.
usage: quick_test.py BUILD"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from measure import Row, failed, shortfall  # noqa: E402

KEYS = ["name", "value", "unit", "against", "ratio", "goal", "holds"]
ON_THE_GUEST = {"minimal-job", "twenty-jobs"}


def run(*arguments):
    return subprocess.run([sys.executable, str(HERE / "run"), "--no-build", "--quick", "--build", BUILD, *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


def why_no_board():
    """Asked in a process of its own: the answer moves it into another network."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from boards.parts import why_missing; print(why_missing() or '')"
    return subprocess.run([sys.executable, "-c", code, str(HERE.parent / "rig")], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def guest():
    return pathlib.Path(os.environ.get("PATCHBAY_GUEST") or HERE.parents[1] / "build/guest")


class Quick(unittest.TestCase):
    def test_every_measurement_gives_rows(self):
        names = run("--list").stdout.split()
        if not (guest() / "vmlinuz").exists():
            print("left out: %s; %s holds no guest (scripts/make-guest)" % (", ".join(sorted(ON_THE_GUEST)), guest()))
            names = [name for name in names if name not in ON_THE_GUEST]
        if os.geteuid() != 0:
            print("left out: tftp; tftpd-hpa starts as root only")
            names.remove("tftp")
        if reason := why_no_board():
            print("left out: board-first-test; %s" % reason)
            names.remove("board-first-test")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "rows.json")
            done = run(*names, "--json", str(file))
            self.assertEqual(done.returncode, 0, done.stderr[-4000:])
            rows = json.loads(file.read_text())
        for name in names:
            self.assertIn("== measure " + name, done.stderr)
        self.assertGreaterEqual(len(rows), len(names))
        self.assertEqual(len({row["name"] for row in rows}), len(rows))
        for row in rows:
            with self.subTest(row["name"]):
                self.check(row)
                self.assertIn(row["name"], done.stdout)

    def check(self, row):
        self.assertEqual(list(row), KEYS)
        for key in ("value", "ratio"):
            self.assertIsInstance(row[key], (int, float))
            self.assertTrue(math.isfinite(row[key]) and row[key] >= 0, row)
        for key in ("unit", "against", "goal"):
            self.assertTrue(row[key], row)
        self.assertIsInstance(row["holds"], bool)

    def test_an_unknown_name_is_refused(self):
        done = run("nonsense")
        self.assertEqual(done.returncode, 2)
        self.assertIn("minimal-job", done.stderr)


class Rows(unittest.TestCase):
    def test_a_failed_measurement_is_a_row_without_numbers(self):
        row = failed("reads", "no daemon").as_dict()
        self.assertEqual(list(row), KEYS)
        self.assertIsNone(row["value"])
        self.assertFalse(row["holds"])
        self.assertIn("no daemon", row["against"])

    def test_a_missed_goal_is_said_in_one_line(self):
        good, bad = Row("reads", 2.0, "/s", "y", 1.0, "z", True), Row("calls", 1.0, "/s", "y", 0.5, "z", False)
        self.assertEqual(shortfall([good], quick=False), "")
        self.assertEqual(shortfall([good, bad, failed("jobs", "no guest")], quick=False),
                         "goals missed: calls; could not be measured: jobs")
        self.assertEqual(shortfall([good, bad], quick=True), "")
        self.assertEqual(shortfall([failed("jobs", "no guest")], quick=True), "could not be measured: jobs")

    def test_json_has_no_number_that_is_none(self):
        row = Row("x", float("inf"), "s", "y", float("nan"), "z", True).as_dict()
        self.assertEqual(json.loads(json.dumps(row, allow_nan=False))["ratio"], None)


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()
