# SPDX-License-Identifier: Apache-2.0
"""What `patchbay suggest` says of recorded device trees: its text, and that each entry means its own device alone."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RECORDINGS = pathlib.Path(__file__).resolve().parent / "recordings"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
PROGRAMS = None

# The real library, as a driver has it.
LIST_PORTS = """
import ctypes
library = ctypes.CDLL("libserialport.so.0")
for function in ("name", "usb_manufacturer", "usb_product", "usb_serial"):
    getattr(library, f"sp_get_port_{function}").restype = ctypes.c_char_p
ports = ctypes.POINTER(ctypes.c_void_p)()
assert library.sp_list_ports(ctypes.byref(ports)) == 0
at = 0
while ports[at]:
    port, vendor, product = ctypes.c_void_p(ports[at]), ctypes.c_int(), ctypes.c_int()
    if library.sp_get_port_usb_vid_pid(port, ctypes.byref(vendor), ctypes.byref(product)) == 0:
        text = [getattr(library, f"sp_get_port_usb_{each}")(port) for each in ("manufacturer", "product", "serial")]
        names, serial = " ".join(each.decode() for each in text[:2] if each), text[2]
        print(library.sp_get_port_name(port).decode(), f"{names} ({vendor.value:04x}:{product.value:04x}"
              + (f", serial number {serial.decode()}" if serial else ""), sep="\\t")
    at += 1
"""


class Recorded:
    """One recording; its name is the class's in small letters."""

    @classmethod
    def setUpClass(cls):
        cls.name = cls.__name__.lower()
        cls.suggestions = [each for each in json.loads(cls.run_recorded(PROGRAMS / "patchbay", "--json", "suggest")) if each["yaml"]]
        nodes = re.findall(r"^P: \S*/(\S+)\nN: (bus/usb/\d+/\d+)=", (RECORDINGS / f"{cls.name}.umockdev").read_text("utf-8"), re.M)
        cls.usb_nodes = {path: f"/dev/{node}" for path, node in nodes}

    @classmethod
    def run_recorded(cls, *words):
        """The output of a program that sees the recording's devices and no others."""
        # The tree is a file for each attribute: in memory that takes no time.
        done = subprocess.run(["umockdev-run", "-d", RECORDINGS / f"{cls.name}.umockdev", "--", *words], capture_output=True,
                              encoding="utf-8", check=False, timeout=120, env={**os.environ, "TMPDIR": "/dev/shm"})
        if done.returncode or done.stderr:
            raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def node_of(self, suggestion):
        named = re.search(r"(?:now|port of this machine,) (/dev/\S+)$", suggestion["what"])
        return named[1] if named else self.usb_nodes[re.search(r"usb_path ([\d.-]+)\)", suggestion["what"])[1]]

    def test_the_text_is_as_reviewed(self):
        text = self.run_recorded(PROGRAMS / "patchbay", "suggest")
        # umockdev 0.17 neither answers requests to hubs and relays nor redirects faccessat().
        text = re.sub(r"# == hubs\n.*?(?=^# ==|^# Not found)", "", text, flags=re.M | re.S)
        text = re.sub(r"^#   (its id: Input/Output Error;|/dev/\S+: No such file or directory).*\n", "", text, flags=re.M)
        expected = (RECORDINGS / f"{self.name}.txt").read_text("utf-8")
        self.assertEqual(text, expected, f"\n{text}")

    def test_each_entry_is_accepted_and_means_its_own_device_alone(self):
        self.assertTrue(self.suggestions)
        lab = "devices:\n" + "".join(f"- name: board-{number}\n  device_type: board\n  hardware:\n    {each['yaml']}\n"
                                     for number, each in enumerate(self.suggestions))
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
            file.write(lab)
            file.flush()
            self.assertEqual(self.run_recorded(PROGRAMS / "patchbay-runner", "--check-hardware", file.name), "")
            nodes = self.run_recorded(PROGRAMS / "patchbay-runner", "--device-nodes", file.name).splitlines()
        self.assertEqual(nodes, [f"board-{number} {self.node_of(each)}" for number, each in enumerate(self.suggestions)], lab)

    def test_libserialport_says_the_same_of_each_adapter(self):
        theirs = dict(line.split("\t") for line in self.run_recorded(sys.executable, "-c", LIST_PORTS).splitlines())
        ours = {}
        for each in self.suggestions:
            if each["capability"] == "console" and "usb_path" in each["what"]:
                text, _, name = each["what"].partition("), now ")
                ours[name] = re.sub(r", usb_path \S+$", "", text)
        self.assertTrue(ours)
        self.assertEqual(ours, theirs)


class Kinds(Recorded, unittest.TestCase):
    pass


class Twins(Recorded, unittest.TestCase):
    pass


class Hubs(Recorded, unittest.TestCase):
    pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder with our programs")
    arguments, rest = parser.parse_known_args()
    if not shutil.which("umockdev-run"):
        print("SKIPPED: no umockdev-run; scripts/install-deps test installs it")
        sys.exit(SKIPPED)
    PROGRAMS = arguments.programs
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
