# SPDX-License-Identifier: Apache-2.0
"""What every file of the tree keeps to: a licence line, a readable length, and words that we do not use."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {".git", ".cache", "build", "golden", "data", "samples", "__pycache__"}
CODE = {".cpp", ".hpp", ".py", ".sh", ".cmake"}
LONGEST = 400  # lines; a longer file is two ideas

# (what, pattern, where it is searched, where it is allowed)
FORBIDDEN = [
    ("a coroutine without an owner", re.compile(r"\basio::detached\b"), "", ()),
    ("an unfinished place", re.compile(r"(?://|/\*|^\s*#|^\s*\*)[^\n\"]*\b(TODO|FIXME|XXX)\b", re.M), "", ()),
    ("a sleep in a test", re.compile(r"this_thread::sleep|\busleep\s*\(|\bnanosleep\s*\(|(?<![\w.])::sleep\s*\("), "tests/",
     ("tests/support/", "tests/fault/", "tests/bench/")),
    ("a header that costs seconds in every file", re.compile(r"#include <boost/(asio|beast|json|url)\.hpp>"), "",
     ("daemon/http/", "tests/bench/")),
    ("a setting, not named as it is written in lab.yaml", re.compile(r"the runner's (?:setting|'\w)"), "", ()),
    ("a path of somebody's machine", re.compile(r"/work/(main|shared)|/home/[a-z]+/"), "", ()),
]


def tree():
    """Every file that belongs to the tree, but no recorded test data; of a copy without git, every file."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else ROOT.rglob("*")
    for path in sorted(paths):
        if path.is_file() and not SKIPPED_FOLDERS.intersection(path.relative_to(ROOT).parts):
            yield path


def is_code(path):
    return path.suffix in CODE or path.name == "CMakeLists.txt"


def is_script(path):
    if path.suffix or not os.access(path, os.X_OK):
        return False
    return path.read_bytes()[:2] == b"#!"


class SourceText(unittest.TestCase):
    maxDiff = None
    code = [path for path in tree() if is_code(path) or is_script(path)]

    def test_there_is_source(self):
        self.assertGreater(len(self.code), 20)

    def test_every_source_names_its_licence_in_the_first_lines(self):
        missing = [str(path.relative_to(ROOT)) for path in self.code
                   if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(path.read_text("utf-8").splitlines()[:3])]
        self.assertEqual(missing, [])

    def test_no_file_is_longer_than_400_lines(self):
        long = {str(path.relative_to(ROOT)): lines for path in self.code
                if (lines := path.read_text("utf-8").count("\n")) > LONGEST}
        long.pop('devices/qemu_arguments.cpp', None)  # tables
        self.assertEqual(long, {})

    def test_no_forbidden_words(self):
        found = []
        for path in self.code:
            name = path.relative_to(ROOT).as_posix()
            if name == "tests/structure/source_text_test.py" or name.startswith("tests/structure/lint_samples/"):
                continue
            text = path.read_text("utf-8")
            for what, pattern, where, allowed in FORBIDDEN:
                if name.startswith(where) and not name.startswith(tuple(allowed)):
                    found += [f"{name}:{text.count(chr(10), 0, m.start()) + 1}: {what}: {m.group(0)}"
                              for m in pattern.finditer(text)]
        self.assertEqual(found, [])

    def test_headers_are_guarded_by_pragma_once(self):
        self.assertEqual([str(path.relative_to(ROOT)) for path in self.code
                          if path.suffix == ".hpp" and "#pragma once" not in path.read_text("utf-8")], [])


if __name__ == "__main__":
    unittest.main()
