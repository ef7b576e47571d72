# SPDX-License-Identifier: Apache-2.0
"""A job at a real boot loader: from power on to its first test, beside a script that does it by hand."""

import json
import pathlib
import statistics
import subprocess
import sys

from measure import Row

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "rig/board_bench.py"


def first_test(tools):
    # A program of its own: it goes into a network of its own.
    done = subprocess.run([sys.executable, str(PROGRAM), "--programs", str(tools.programs), str(tools.amount(5, 1))],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    rounds = json.loads(done.stdout)
    ours, script = statistics.median(rounds["job"]), statistics.median(rounds["script"])
    return [Row("board-first-test", ours, "s", "a script that knows what U-Boot and the kernel say: %.2f s" % script, ours / script,
                "ratio at most 1.2", ours / script <= 1.2)]
