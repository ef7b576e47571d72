# SPDX-License-Identifier: Apache-2.0
"""How a test program that needs the rig begins and ends."""

import argparse
import os
import pathlib
import shutil
import sys
import unittest

from .channel import RigError
from .folder import ROOT, why_missing
from .rig import Rig

SKIPPED = 77  # ctest's SKIP_RETURN_CODE; scripts/test_summary.py shows the line before it as the reason


class RigTest(unittest.TestCase):
    """A test on the machine `rig`, which has none of the devices and programs of the tests before it.

    It is that of the test before in this class, or a new one where its devices could not be unplugged."""

    rules = None  # as of Rig
    rig = None

    def setUp(self):
        if not type(self).rig:
            type(self).rig = Rig(self.rules).__enter__()
        self.addCleanup(self._clear)

    def _clear(self):
        try:
            self.rig.clear()
        except (RigError, OSError) as error:
            print(f"a new machine, because this one cannot be cleared: {error}", flush=True)
            self.tearDownClass()

    @classmethod
    def tearDownClass(cls):
        rig, cls.rig = cls.rig, None
        if rig:
            rig.__exit__()

    def passes_bytes(self, adapter, node=None):
        """What the host writes comes out at the board's end, and what the board sends comes in."""
        data = os.urandom(20000)
        node = node or adapter.node()
        adapter.line.echo = True
        done = self.rig.run(["sh", "-c", f"stty -F {node} 115200 raw -echo; exec 3<>{node} 4<&0; "
                             f"cat <&4 >&3 & exec head -c {len(data)} <&3"], input=data)
        adapter.line.echo = False
        self.assertEqual(done.status, 0, done)
        self.assertEqual(adapter.line.take(len(data)), data)
        self.assertEqual(done.stdout_bytes, data)

    def comes_back(self, device):
        """It is gone while it is unplugged, and there again afterwards."""
        node = device.node()
        device.unplug()
        self.assertEqual(self.rig.run(["test", "-e", node]).status, 1)
        device.plug()
        self.assertEqual(self.rig.run(["test", "-e", device.node()]).status, 0)


def programs():
    """The folder with our programs; they have the same path inside."""
    return pathlib.Path(os.environ["PATCHBAY_PROGRAMS"])


def main(tools=(), built=None):
    """Runs the caller's unittest cases, or says why there is no rig and ends with SKIPPED.

    tools: programs of the host's that the tests run inside (scripts/install-deps rig installs them).
    built: programs of the build folder's tests/ that are built where something is there, and what brings it there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/dev/bin", help="folder with our programs")
    arguments, rest = parser.parse_known_args()
    missing = [tool for tool in tools if not shutil.which(tool)]
    reason = why_missing() or (f"no {', '.join(missing)}; scripts/install-deps rig installs them" if missing else None)
    tests = arguments.programs.parent / "tests"
    for name, how in (built or {}).items():
        if not reason and not (tests / name).exists():
            reason = f"no {name} in {tests}; {how}"
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    os.environ["PATCHBAY_PROGRAMS"] = str(arguments.programs)
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)
