# SPDX-License-Identifier: Apache-2.0
"""Each driver of the table has a page that the list of drivers leads to, and that says what to do when it fails, in the words that
the program says then."""

import errno
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/drivers"
HEADING = "## When it fails"
# What ssh says, which the job's log shows.
OTHERS = {"Host key verification failed", "Permission denied (publickey)", "UNPROTECTED PRIVATE KEY FILE", "Connection timed out"}
SHORTEST = 6  # letters; what is between an error's names and numbers is looked up when it is longer


def drivers():
    table = (ROOT / "drivers/builtin.cpp").read_text("utf-8")
    return sorted(set(re.findall(r'\{"(?:machine|console|power|line|storage|network|audio)", "([\w-]+)",', table)))


def said():
    """All that the program can say, and the system's words for errors."""
    text = "\n".join(path.read_text("utf-8") for folder in ("core", "devices", "drivers")
                     for path in sorted((ROOT / folder).rglob("*.[ch]pp")))
    joined = re.sub(r'"\s*\n\s*(?:\+\s*)?"', "", text).replace('\\"', '"')
    return joined + "\n" + "\n".join(os.strerror(number) for number in errno.errorcode)


def rows(page):
    """The first column of the table below the heading."""
    below = page.read_text("utf-8").partition(f"\n{HEADING}\n")[2].partition("\n## ")[0]
    return [line.split("|")[1].strip() for line in below.splitlines() if line.startswith("|")][2:]


class DriverPages(unittest.TestCase):
    maxDiff = None

    def test_the_table_is_read(self):
        self.assertGreaterEqual(len(drivers()), 17)

    def test_each_driver_has_a_page_and_each_page_a_driver(self):
        self.assertEqual(sorted(page.stem for page in PAGES.glob("*.md")), drivers())

    def test_the_list_of_drivers_leads_to_each_page(self):
        text = (ROOT / "docs/configuration-devices.md").read_text("utf-8")
        self.assertEqual([name for name in drivers() if f"](drivers/{name}.md)" not in text], [])

    def test_each_page_says_what_to_do_when_it_fails(self):
        self.assertEqual([name for name in drivers() if not rows(PAGES / f"{name}.md")], [])

    def test_the_errors_in_the_tables_are_those_of_the_program(self):
        everything, unknown = said(), []
        for name in drivers():
            for row in rows(PAGES / f"{name}.md"):
                for phrase in re.findall(r"`([^`]+)`", row):
                    parts = re.split(r"…|'[^']*'|/dev/\S+|\b\d[\d.]*\b", phrase)
                    unknown += [f"{name}: {part.strip()}" for part in parts
                                if len(part.strip()) >= SHORTEST and part.strip(" :,") not in everything and phrase not in OTHERS]
        self.assertEqual(unknown, [])


if __name__ == "__main__":
    unittest.main()
