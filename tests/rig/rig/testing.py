# SPDX-License-Identifier: Apache-2.0
"""How a test program that needs the rig begins and ends."""

import argparse
import pathlib
import shutil
import sys
import unittest

from .folder import ROOT, why_missing

SKIPPED = 77  # ctest's SKIP_RETURN_CODE; scripts/test_summary.py shows the line before it as the reason


def main(tools=()):
    """Runs the caller's unittest cases, or says why there is no rig and ends with SKIPPED.

    tools: programs of the host's that the tests run inside (scripts/install-deps rig installs them)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/dev/bin", help="folder with our programs")
    arguments, rest = parser.parse_known_args()
    missing = [tool for tool in tools if not shutil.which(tool)]
    reason = why_missing() or (f"no {', '.join(missing)}; scripts/install-deps rig installs them" if missing else None)
    if reason:
        print(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    main.programs = arguments.programs
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)
