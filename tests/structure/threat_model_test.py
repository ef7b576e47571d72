# SPDX-License-Identifier: Apache-2.0
"""Every line of the threat model, and of what clients rely on, names tests, and they are there."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = {"docs/threat-model.md": 30, "docs/maintainers/clients.md": 35}  # and how many lines they have at least


def rows(text):
    """(threat, last column) of each row of the tables that have a column `Test`."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[-1] == "Test":
            inside = True
        elif inside and not set(cells[0]) <= set("-"):
            yield cells[0], cells[-1]


def tests():
    """"Suite.Name" of GoogleTest and "test_name" of Python."""
    found = set()
    for file in (ROOT / "tests").rglob("*_test.*"):
        text = file.read_text(encoding="utf-8")
        found.update(f"{suite}.{name}" for suite, name in re.findall(r"\bTEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\s*\)", text))
        found.update(re.findall(r"^\s+def (test_\w+)\(", text, re.M))
    return found


class NamedTests(unittest.TestCase):
    def test_every_line_names_a_test(self):
        for page, least in PAGES.items():
            lines = list(rows((ROOT / page).read_text(encoding="utf-8")))
            self.assertGreaterEqual(len(lines), least, page)
            self.assertEqual([what for what, named in lines if not re.findall(r"`[^`]+`", named)], [], page)

    def test_every_test_that_is_named_exists(self):
        known = tests()
        for page in PAGES:
            lines = rows((ROOT / page).read_text(encoding="utf-8"))
            missing = [name for _, named in lines for name in re.findall(r"`([^`]+)`", named) if name not in known]
            self.assertEqual(missing, [], page)


if __name__ == "__main__":
    unittest.main()
