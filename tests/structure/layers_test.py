# SPDX-License-Identifier: Apache-2.0
"""Includes follow tests/layers.txt and never go back."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["core", "devices", "drivers", "jobs", "daemon", "cli", "tftp"]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def read_layers(text):
    """{line's name: [names it may include]}"""
    layers = {}
    for row in text.splitlines():
        row = row.split("#")[0].strip()
        if row:
            name, _, allowed = row.partition(":")
            layers[name.strip()] = allowed.split()
    return layers


def line_of(layers, path):
    """The longest name that `path` is or lies below; None when there is none."""
    fits = [name for name in layers if path == name or path.startswith(name + "/")]
    return max(fits, key=len, default=None)


def may_include(layers, user, used):
    own, other = line_of(layers, user), line_of(layers, used)
    if own is None or other is None:
        return False
    if own == other:
        return True
    for name in layers[own]:
        if name.endswith("/*"):
            if other == name[:-2] or other.startswith(name[:-1]):
                return True
        elif other == name:
            return True
    return False


class Layers(unittest.TestCase):
    maxDiff = None
    layers = read_layers((ROOT / "tests/layers.txt").read_text(encoding="utf-8"))

    def test_a_line_names_only_lines_that_exist(self):
        for name, allowed in self.layers.items():
            for other in allowed:
                self.assertIn(other.removesuffix("/*"), self.layers, f"in the line of {name}")

    def test_every_source_folder_has_its_line(self):
        for folder in FOLDERS:
            for file in (ROOT / folder).rglob("*.[ch]pp"):
                path = file.relative_to(ROOT).as_posix()
                self.assertIsNotNone(line_of(self.layers, path), f"{path}: give its folder a line in tests/layers.txt")

    def test_includes_follow_the_arrows(self):
        wrong = []
        for folder in FOLDERS:
            for file in sorted((ROOT / folder).rglob("*.[ch]pp")):
                path = file.relative_to(ROOT).as_posix()
                for used in INCLUDE.findall(file.read_text(encoding="utf-8")):
                    if not (ROOT / used).exists():
                        wrong.append(f'{path}: "{used}" is not a path from the root')
                    elif not may_include(self.layers, path, used):
                        wrong.append(f"{path} may not include {used} ({line_of(self.layers, path)}: "
                                     f"{' '.join(self.layers[line_of(self.layers, path)])})")
        self.assertEqual(wrong, [])

    def test_a_longer_name_wins_and_a_star_means_all_below(self):
        layers = read_layers("a:\na/x: a\nb: a/*\nc: a\nb/main.cpp: c\n")
        self.assertTrue(may_include(layers, "a/x/1.cpp", "a/2.hpp"))
        self.assertFalse(may_include(layers, "a/1.cpp", "a/x/2.hpp"))
        self.assertTrue(may_include(layers, "b/1.cpp", "a/x/2.hpp"))
        self.assertFalse(may_include(layers, "c/1.cpp", "a/x/2.hpp"))
        self.assertTrue(may_include(layers, "b/main.cpp", "c/2.hpp"))
        self.assertFalse(may_include(layers, "b/other.cpp", "c/2.hpp"))
        self.assertFalse(may_include(layers, "unknown/1.cpp", "a/2.hpp"))


if __name__ == "__main__":
    unittest.main()
