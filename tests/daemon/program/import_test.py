#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A LAVA server's files become those of a lab: what can be used is, what cannot is named, and nothing is replaced."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1))

BASE = """commands:
  connect: {{ connection_command }}
constants: {spawn_maxread: '{{ spawn_maxread|default(4092) }}'}
parameters: {pass: }
actions: {deploy: {methods: {tftp: }}, boot: {methods: {u-boot: }}}
timeouts: {actions: {power-off: {seconds: 10}}, connections: {}}
"""
CHECK = """job_name: check
visibility: public
timeouts: {job: {minutes: 5}, action: {minutes: 2}, connection: {minutes: 1}}
priority: medium
actions:
- boot: {method: minimal, prompts: ['# ']}
"""


class ImportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="import-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.lava = self.folder / "lava-server"
        self.output = self.folder / "lab"
        self.put("dispatcher-config/device-types/own-board.jinja2", BASE)
        self.put("dispatcher-config/devices/own-01.jinja2",
                 "{% extends 'own-board.jinja2' %}\n{% set connection_command = 'telnet conserver 7001' %}\n")

    def put(self, name, text):
        file = self.lava / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run_import(self, *options, code=0, folder=None):
        done = subprocess.run([PROGRAMS / "patchbay", *options, "import", "lava", folder or self.lava,
                               "--output", self.output], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def check(self):
        done = subprocess.run([PROGRAMS / "patchbay", "check", self.output / "lab.yaml"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return (self.output / "lab.yaml").read_text()

    def test_everything_that_a_lab_has_is_taken_over(self):
        self.put("dispatcher-config/health-checks/own-board.yaml", CHECK)
        self.put("dispatcher.d/rack-2/dispatcher.yaml", "dispatcher_ip: 10.0.0.7\n")
        self.put("env.yaml", "purge: true\noverrides: {PATH: /usr/bin}\n")
        self.put("env-dut.yaml", "overrides: {http_proxy: 'http://proxy'}\n")
        said = self.run_import()
        self.assertIn("1 devices in " + str(self.output / "lab.yaml"), said)
        self.assertNotIn("not used", said)
        lab = self.check()
        for words in ("name: own-01", "device_type: own-board", "dictionary: " + str(self.output / "devices/own-01.jinja2"),
                      "health_check: " + str(self.output / "health-checks/own-board.yaml"), "dispatcher_ip: 10.0.0.7",
                      "PATH: /usr/bin", "http_proxy: http://proxy", "- " + str(self.output / "device-types")):
            self.assertIn(words, lab)
        self.assertEqual((self.output / "device-types/own-board.jinja2").read_text(), BASE)

    def test_what_cannot_be_used_is_named_with_its_reason(self):
        self.put("dispatcher-config/devices/lost-01.jinja2", "{% extends 'beaglebone-black.jinja2' %}\n")
        self.put("dispatcher-config/devices/broken-01.jinja2", "{% extends 'own-board.jinja2' %}\n{% set a = %}\n")
        self.put("dispatcher-config/devices/yaml-01.jinja2",
                 "{% extends 'own-board.jinja2' %}{% set connection_command = 'a: b' %}\n")
        self.put("dispatcher-config/devices/read-01.jinja2",
                 "{% extends 'own-board.jinja2' %}{% set connection_command = 'a' %}{% set spawn_maxread = 'x' %}\n")
        self.put("dispatcher-config/devices/none-01.jinja2", "{% set a = 1 %}\n")
        self.put("dispatcher-config/health-checks/own-board.yaml", "job_name: check\n")
        self.put("dispatcher-config/health-checks/other.yaml", CHECK)
        self.put("dispatcher-config/devices/README", "")
        self.put("dispatcher.d/rack-2/dispatcher.yaml", "[1]\n")
        said = self.run_import(code=1)
        for file, reason in (("lost-01.jinja2", "lost-01.jinja2:1: there is no template 'beaglebone-black.jinja2'"),
                             ("broken-01.jinja2", "broken-01.jinja2:2: "), ("yaml-01.jinja2", "is no YAML: line 2"),
                             ("read-01.jinja2", "constants.spawn_maxread: must be a whole number"),
                             ("none-01.jinja2", "extends no template"), ("own-board.yaml", "visibility"),
                             ("rack-2/dispatcher.yaml", "is no mapping")):
            line = next(line for line in said.splitlines() if line.startswith("not used: ") and file + ": " in line)
            self.assertIn(reason, line)
        self.assertIn("left out: " + str(self.lava / "dispatcher-config/health-checks/other.yaml"), said)
        self.assertIn("left out: " + str(self.lava / "dispatcher-config/devices/README"), said)
        lab = self.check()
        self.assertIn("own-01", lab)
        self.assertNotIn("lost-01", lab)

    def test_nothing_is_replaced(self):
        self.output.mkdir()
        for name in ("lab.yaml", "devices/own-01.jinja2"):
            file = self.output / name
            file.parent.mkdir(exist_ok=True)
            file.write_text("mine")
            self.assertIn(f"nothing was written: {file} exists", self.run_import(code=1))
            self.assertEqual(file.read_text(), "mine")
            self.assertEqual([path for path in self.output.rglob("*") if path.is_file()], [file])
            file.unlink()
        self.run_import()

    def test_a_folder_of_something_else_is_refused(self):
        self.assertIn("has no devices/*.jinja2", self.run_import(code=1, folder=self.folder))
        self.assertFalse(self.output.exists())

    def test_its_dispatcher_config_alone_is_enough_and_json_has_a_line_for_each_file(self):
        lines = self.run_import("--json", folder=self.lava / "dispatcher-config").splitlines()
        said = [json.loads(line) for line in lines]
        self.assertEqual([line["fate"] for line in said], ["used", "used"])
        self.assertEqual(said[1]["file"], str(self.lava / "dispatcher-config/devices/own-01.jinja2"))

    @unittest.skipUnless(os.environ.get("PATCHBAY_CORPUS"), "PATCHBAY_CORPUS does not name the folder of the corpus")
    def test_lavas_own_devices(self):
        devices = pathlib.Path(os.environ["PATCHBAY_CORPUS"], "devices")
        real = self.folder / "real"
        real.mkdir()
        (real / "devices").symlink_to(devices / "dictionaries")
        (real / "device-types").symlink_to(devices / "templates")
        said = self.run_import(code=1, folder=real)
        print("\n".join(line for line in said.splitlines() if line.startswith("not used")))
        refused = [line for line in said.splitlines() if line.startswith("not used")]
        self.assertEqual([line for line in refused if "extends no template" not in line], [])
        self.assertEqual(len(refused), 8)
        self.check()


if __name__ == "__main__":
    unittest.main()
