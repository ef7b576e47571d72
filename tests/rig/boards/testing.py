# SPDX-License-Identifier: Apache-2.0
"""How a test program of boards begins and ends."""

import argparse
import os
import pathlib
import sys
import unittest

from rig import testing as rigs
from rig import why_missing as why_no_rig

from .parts import ROOT, why_missing


def main(rig=False):
    """Runs the caller's unittest cases in a network of their own, or says why not and ends with SKIPPED. rig: they need one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/dev/bin", help="folder with our programs")
    arguments, rest = parser.parse_known_args()
    if reason := (rig and why_no_rig()) or why_missing():
        skip(reason)
    os.environ["PATCHBAY_PROGRAMS"] = str(arguments.programs)
    result = unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2, exit=False).result
    if result.skipped and len(result.skipped) == result.testsRun:
        skip(result.skipped[0][1])
    sys.exit(not result.wasSuccessful())


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(rigs.SKIPPED)
