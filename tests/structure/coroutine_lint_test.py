# SPDX-License-Identifier: Apache-2.0
"""The lint finds each trap, gives no false alarm, and the tree is free of them."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import lint_coroutines  # noqa: E402

SAMPLES = pathlib.Path(__file__).parent / "lint_samples"


def samples(name):
    """The snippets of one file, separated by lines `//// <what it shows>`."""
    parts = re.split(r"^//// (.*)$", (SAMPLES / name).read_text(encoding="utf-8"), flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


class CoroutineLint(unittest.TestCase):
    def test_every_bad_sample_is_found(self):
        bad = samples("bad.cpp")
        self.assertGreaterEqual(len(bad), 10)
        for title, text in bad:
            with self.subTest(title):
                self.assertTrue(list(lint_coroutines.lint(text)), "not found: " + text)

    def test_no_good_sample_raises_an_alarm(self):
        good = samples("good.cpp")
        self.assertGreaterEqual(len(good), 10)
        for title, text in good:
            with self.subTest(title):
                self.assertEqual(list(lint_coroutines.lint(text)), [])

    def test_the_reported_line_is_the_line_of_the_trap(self):
        text = "int a;\nTask<> f() {\n    co_await g(1,\n        [s] { use(s); });\n}\n"
        self.assertEqual([line for line, _ in lint_coroutines.lint(text)], [4])

    def test_the_tree_has_no_traps(self):
        traps = []
        for file in lint_coroutines.files([str(ROOT / folder) for folder in lint_coroutines.FOLDERS]):
            traps += [f"{file.relative_to(ROOT)}:{line}: {what}"
                      for line, what in lint_coroutines.lint(file.read_text(encoding="utf-8"))]
        self.assertEqual(traps, [])


if __name__ == "__main__":
    unittest.main()
