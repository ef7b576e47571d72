# SPDX-License-Identifier: Apache-2.0
"""What README, docs and the folders' own READMEs link to is there."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from links import broken_links, relative_links  # noqa: E402


class Links(unittest.TestCase):
    pages = [page for page in sorted(ROOT.rglob("*.md"))
             if not {"build", "golden", ".git"}.intersection(page.relative_to(ROOT).parts)]

    def test_links_are_seen(self):
        self.assertIn("docs/install.md", relative_links(ROOT / "README.md"))

    def test_every_relative_link_leads_somewhere(self):
        self.assertEqual(broken_links(self.pages), [])


if __name__ == "__main__":
    unittest.main()
