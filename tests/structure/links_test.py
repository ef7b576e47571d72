# SPDX-License-Identifier: Apache-2.0
"""What README, docs and the folders' own READMEs link to is there, and so is each page that a source names."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from links import broken_links, leads_somewhere, relative_links  # noqa: E402


PAGE = re.compile(r"(?<![\w/.*@{}-])((?:[\w.-]+/)*[\w-]+\.md)\b")
SKIPPED = {"build", "golden", ".git"}


class Links(unittest.TestCase):
    pages = [page for page in sorted(ROOT.rglob("*.md"))
             if not SKIPPED.intersection(page.relative_to(ROOT).parts)]

    def test_links_are_seen(self):
        self.assertIn("docs/install.md", relative_links(ROOT / "README.md"))

    def test_every_relative_link_leads_somewhere(self):
        self.assertEqual(broken_links(self.pages), [])

    def test_a_link_to_a_heading_that_is_not_there_is_seen(self):
        page = ROOT / "README.md"
        self.assertTrue(leads_somewhere(page, "docs/install.md", "build"))
        self.assertFalse(leads_somewhere(page, "docs/install.md", "no-such-heading"))

    def test_every_page_that_a_source_names_is_there(self):
        gone = [f"{source.relative_to(ROOT)}: {page}"
                for suffix in ("cpp", "hpp", "py", "in") for source in ROOT.rglob(f"*.{suffix}")
                if not SKIPPED.intersection(source.relative_to(ROOT).parts)
                for page in PAGE.findall(source.read_text("utf-8", "replace")) if not (ROOT / page).exists()]
        self.assertEqual(gone, [])


if __name__ == "__main__":
    unittest.main()
