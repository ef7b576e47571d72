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

UNITS = "lib/systemd/system"
SERVICES = ("patchbayd.service", "patchbay-runner@.service", "patchbay-devices.service", "patchbay-tftp.service")
EXPOSURE = re.compile(r"Overall exposure level for \S+: ([0-9.]+) ")
PAGES = {"man1/patchbay.1": "patchbay", "man8/patchbayd.8": "patchbayd", "man8/patchbay-runner.8": "patchbay-runner",
         "man8/patchbay-tftpd.8": "patchbay-tftpd"}
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
        self.assertNotRegex(text, "@[A-Z_]+@")
        return [re.search(pattern, text, re.M).group(1) for pattern in (r"^ExecStart=(\S+)", r"[ =]file:(\S+)")]

    def test_the_units_start_the_installed_programs(self):
        for unit in SERVICES:
            for path in self.paths_in_unit(self.prefix / UNITS / unit):
                self.assertTrue(path.startswith(str(self.prefix)), path)
                self.assertTrue(pathlib.Path(path).exists(), path)
        helper = self.prefix / "libexec/patchbay-devices"
        self.assertTrue(os.access(helper, os.X_OK))
        self.assertIn(f"{self.prefix}/bin/patchbay-runner --device-nodes", helper.read_text())

    def test_a_package_is_built_in_another_root_than_it_runs_in(self):
        root = pathlib.Path(self.folder.name) / "root"
        install("/usr", root)
        for unit in SERVICES:
            for path in self.paths_in_unit(root / "usr" / UNITS / unit):
                self.assertTrue(path.startswith("/usr/"), path)
                self.assertTrue((root / path[1:]).exists(), path)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_systemd_takes_the_units(self):
        units = [str(path) for path in sorted((self.prefix / UNITS).iterdir())]
        self.assertEqual(len(units), 6)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if "patchbay" in line]
        self.assertEqual((done.returncode, ours), (0, []))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_what_a_broken_into_service_could_reach_is_little(self):
        for unit in SERVICES:
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", self.prefix / UNITS / unit],
                                  capture_output=True, text=True, check=False)
            with self.subTest(unit):
                score = EXPOSURE.search(done.stdout)
                self.assertIsNotNone(score, done.stdout + done.stderr)
                self.assertLessEqual(float(score[1]), 2.5, done.stdout)

    def test_the_daemon_reaches_no_device_and_a_runner_none_that_was_not_given(self):
        for unit in ("patchbayd.service", "patchbay-runner@.service"):
            text = (self.prefix / UNITS / unit).read_text()
            self.assertRegex(text, r"(?m)^DevicePolicy=closed$")
            self.assertNotIn("DeviceAllow=", text)
        self.assertRegex((self.prefix / UNITS / "patchbayd.service").read_text(), r"(?m)^PrivateDevices=yes$")
        self.assertNotIn("SupplementaryGroups", (self.prefix / UNITS / "patchbayd.service").read_text())

    def test_the_server_of_boot_files_owns_nothing_and_sees_nothing_of_the_daemon(self):
        text = (self.prefix / UNITS / "patchbay-tftp.service").read_text()
        for line in ("DynamicUser=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "DevicePolicy=closed"):
            self.assertRegex(text, f"(?m)^{line}$")
        self.assertRegex(text, "(?m)^InaccessiblePaths=-/var/lib/patchbay ")
        self.assertNotRegex(text, "ReadWritePaths|StateDirectory|SupplementaryGroups")
        self.assertRegex((self.prefix / UNITS / "patchbay-tftp.socket").read_text(), "(?m)^ListenDatagram=69$")

    @unittest.skipUnless(shutil.which("systemd-tmpfiles"), "no systemd-tmpfiles here")
    def test_systemd_makes_the_folders(self):
        root = pathlib.Path(self.folder.name) / "folders"
        for name in ("etc", "var/lib", "srv"):
            (root / name).mkdir(parents=True)
        owner = os.getuid(), os.getgid()  # whoever may not give files away still learns that the lines are good
        (root / "etc/passwd").write_text("root:x:%d:%d::/:/bin/sh\npatchbay:x:%d:%d::/:/bin/sh\n" % (owner * 2))
        (root / "etc/group").write_text("root:x:%d:\npatchbay:x:%d:\n" % (owner[1], owner[1]))
        subprocess.run(["systemd-tmpfiles", f"--root={root}", "--create", str(self.prefix / "lib/tmpfiles.d/patchbay.conf")],
                       check=True)
        self.assertEqual((root / "var/lib/patchbay").stat().st_mode & 0o777, 0o750)
        self.assertEqual((root / "etc/patchbay").stat().st_mode & 0o777, 0o755)
        self.assertEqual((root / "srv/tftp").stat().st_mode & 0o777, 0o755)

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "no systemd-sysusers here")
    def test_systemd_makes_the_user_and_the_groups_of_hardware(self):
        root = pathlib.Path(self.folder.name) / "users"
        (root / "etc").mkdir(parents=True)
        for name in ("passwd", "group"):
            lines = pathlib.Path("/etc", name).read_text().splitlines(keepends=True)
            gone = ("patchbay:", "kvm:")
            (root / "etc" / name).write_text("".join(line for line in lines if not line.startswith(gone)))
        subprocess.run(["systemd-sysusers", f"--root={root}", str(self.prefix / "lib/sysusers.d/patchbay.conf")],
                       check=True)
        self.assertRegex((root / "etc/passwd").read_text(), r"(?m)^patchbay:.*:/var/lib/patchbay:")
        groups = (root / "etc/group").read_text()
        self.assertRegex(groups, r"(?m)^kvm:")
        for group in ("dialout", "plugdev", "audio", "kvm"):
            self.assertNotRegex(groups, rf"(?m)^{group}:.*\bpatchbay\b")  # the runners' unit has them, the daemon not

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
        for program, code in (("patchbay", 1), ("patchbayd", 2), ("patchbay-runner", 2), ("patchbay-tftpd", 2)):
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
