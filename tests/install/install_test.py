# SPDX-License-Identifier: Apache-2.0
"""An installation into a folder of its own: the unit names its paths, the pages say what the programs say."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from links import broken_links  # noqa: E402

UNIT = "lib/systemd/system/patchbayd.service"
PAGES = {"man1/patchbay.1": "patchbay", "man8/patchbayd.8": "patchbayd", "man8/patchbay-runner.8": "patchbay-runner"}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def install(prefix, destination=None):
    environment = dict(os.environ, **({"DESTDIR": str(destination)} if destination else {}))
    subprocess.run([arguments.cmake, "--install", arguments.build, "--prefix", str(prefix)], check=True,
                   env=environment, stdout=subprocess.DEVNULL)


def help_of(program, *command):
    """The help of a program and of all its commands."""
    text = subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True).stdout
    commands = re.findall(r"^  ([a-z]+)  +", text.partition("Subcommands:")[2], re.M)
    return text + "".join(help_of(program, *command, name) for name in commands)


class Installed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="patchbay-install-")
        cls.prefix = pathlib.Path(cls.folder.name) / "prefix"
        install(cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def paths_in_unit(self, unit):
        text = unit.read_text()
        self.assertNotIn("@", re.sub("@system-service", "", text))
        return [re.search(pattern, text, re.M).group(1) for pattern in (r"^ExecStart=(\S+) ", r" file:(\S+)")]

    def test_the_unit_starts_the_installed_daemon(self):
        for path in self.paths_in_unit(self.prefix / UNIT):
            self.assertTrue(path.startswith(str(self.prefix)), path)
            self.assertTrue(pathlib.Path(path).exists(), path)

    def test_a_package_is_built_in_another_root_than_it_runs_in(self):
        root = pathlib.Path(self.folder.name) / "root"
        install("/usr", root)
        for path in self.paths_in_unit(root / "usr" / UNIT):
            self.assertTrue(path.startswith("/usr/"), path)
            self.assertTrue((root / path[1:]).exists(), path)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_systemd_takes_the_unit(self):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(self.prefix / UNIT)], capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, [line for line in done.stderr.splitlines() if "patchbayd" in line]), (0, []))

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "no systemd-sysusers here")
    def test_systemd_makes_the_user_and_its_groups(self):
        root = pathlib.Path(self.folder.name) / "users"
        (root / "etc").mkdir(parents=True)
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", root / "etc" / name)
        subprocess.run(["systemd-sysusers", f"--root={root}", str(self.prefix / "lib/sysusers.d/patchbay.conf")],
                       check=True)
        self.assertRegex((root / "etc/passwd").read_text(), r"(?m)^patchbay:.*:/var/lib/patchbay:")
        groups = (root / "etc/group").read_text()
        for group in ("dialout", "plugdev", "audio", "kvm"):
            self.assertRegex(groups, rf"(?m)^{group}:.*\bpatchbay\b")

    def test_links_of_the_installed_pages_lead_somewhere(self):
        pages = sorted((self.prefix / "share/doc/patchbay").rglob("*.md"))
        self.assertGreater(len(pages), 5)
        self.assertEqual(broken_links(pages), [])

    def test_manual_pages_have_the_options_of_the_programs(self):
        for page, program in PAGES.items():
            text = (self.prefix / "share/man" / page).read_text().replace("\\-", "-").replace("\\fR", "")
            with self.subTest(page):
                shown = help_of(str(self.prefix / "bin" / program))
                self.assertEqual(set(OPTION.findall(text)), set(OPTION.findall(shown)))

    def test_wrong_arguments_end_as_the_manual_pages_say(self):
        for program, code in (("patchbay", 1), ("patchbayd", 2), ("patchbay-runner", 2)):
            done = subprocess.run([self.prefix / "bin" / program, "--no-such-option"], capture_output=True, check=False)
            self.assertEqual(done.returncode, code, program)

    def test_manual_pages_refer_to_pages_that_are_there(self):
        ours = re.compile(r"^\.BR (patchbay[a-z\\-]*) \((\d)\)", re.M)
        for page in PAGES:
            for name, section in ours.findall((self.prefix / "share/man" / page).read_text()):
                name = name.replace("\\", "")
                self.assertTrue((self.prefix / f"share/man/man{section}/{name}.{section}").exists(), f"{page}: {name}")

    def test_manual_pages_are_well_formed(self):
        known = [["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-man", "-Tutf8", "-ww", "-z"]]
        lint = next((argv for argv in known if shutil.which(argv[0])), None)
        if lint is None:
            self.skipTest("neither mandoc nor groff here")
        for page in PAGES:
            done = subprocess.run([*lint, str(self.prefix / "share/man" / page)], capture_output=True, text=True,
                                  check=False)
            said = (done.stdout + done.stderr).splitlines()
            self.assertEqual([line for line in said if "missing date" not in line], [])  # a version dates them


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", default="cmake")
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)  # names what was skipped
