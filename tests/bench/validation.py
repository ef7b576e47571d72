# SPDX-License-Identifier: Apache-2.0
"""Validation of jobs by LAVA's schemas: alone, and as the command that somebody types."""

import json
import pathlib
import subprocess
import time

from measure import Row, alternate

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What checking may add to reading: the other half of the time.
GOAL = 0.5
ENOUGH = 1000  # jobs in a second, whatever the schema


def job_files():
    """Jobs that ran on a real LAVA, and our examples."""
    files = sorted(ROOT.glob("tests/compat/golden/*/job.yaml")) + sorted(ROOT.glob("examples/*-job.yaml"))
    return [str(file) for file in files]


def rates(tools):
    out = subprocess.run([tools.tool("validation"), "--seconds", str(tools.amount(0.5, 0.01)),
                          "--rounds", str(tools.amount(5, 1)), *job_files()], stdout=subprocess.PIPE, check=True)
    return json.loads(out.stdout)


def command_rate(tools, files):
    """Files in a second, with the start of the program."""
    begin = time.monotonic()
    out = subprocess.run([str(tools.programs / "patchbay"), "--json", "validate", "--schema", "strict", *files],
                         stdout=subprocess.PIPE, check=False).stdout
    taken = time.monotonic() - begin
    if out.count(b"\n") != len(files):
        raise RuntimeError("%d answers for %d files" % (out.count(b"\n"), len(files)))
    return len(files) / taken


def validation(tools):
    rows = []
    measured = rates(tools)
    for schema in ("gate", "full", "strict"):
        ratio = measured[schema] / measured["parse"]
        rows.append(Row("validate-" + schema, measured[schema], "jobs/s",
                        "only parsing the same jobs: %.0f jobs/s" % measured["parse"], ratio,
                        "ratio at least 1/2, >= %d jobs/s" % ENOUGH, ratio >= GOAL and measured[schema] >= ENOUGH))
    files = job_files()
    files = (files * (4000 // len(files) + 1))[:tools.amount(4000, 40)]
    command, inside = alternate(lambda: command_rate(tools, files), lambda: rates(tools)["strict"],
                                tools.amount(3, 1))
    rows.append(Row("validate-command", command, "files/s",
                    "the same schema inside one program that holds the texts: %.0f jobs/s" % inside, command / inside,
                    "ratio at least 1/2", command / inside >= GOAL))
    return rows
