# SPDX-License-Identifier: Apache-2.0
"""What must hold whatever happened: every line and result once, devices free, nothing left running."""

import json
import os
import pathlib
import re
import time

from lab import processes_of

LINE = re.compile(r"console line (\d+) of the machine")


class Broken(Exception):
    """A promise was not kept; the text says which."""


def expect(holds, text):
    if not holds:
        raise Broken(text)


class Skipped(Exception):
    """Cannot be tried here; the text says why."""


def is_sanitized(programs):
    """Was it built with a sanitizer? Then it is larger, and nothing can be preloaded."""
    text = (pathlib.Path(programs) / "patchbayd").read_bytes()
    return b"__asan_init" in text or b"__tsan_init" in text


def all_pages(lab, path):
    """The rows of a list, page by page."""
    rows, offset = [], 0
    while True:
        page = lab.get(f"{path}{'&' if '?' in path else '?'}limit=100&offset={offset}").json()
        rows += page["results"]
        if not page["next"]:
            return rows
        offset += 100


def tests_of(lab, job):
    return all_pages(lab, f"/api/v0.2/jobs/{job}/tests/")


def verdict(lab, job):
    """The metadata text of the lava/job case."""
    cases = [test for test in tests_of(lab, job) if test["name"] == "job"]
    expect(len(cases) == 1, f"job {job} has {len(cases)} results called lava/job, not 1")
    metadata = cases[0]["metadata"]
    return metadata if isinstance(metadata, str) else json.dumps(metadata)


def console_of(lab, job):
    return [int(n) for record in lab.log_lines(job) if '"target"' in record for n in LINE.findall(record)]


def expect_beginning_once(lab, job, lines):
    """Of a job that was cut off: no line is missing before the last one, none is there twice."""
    seen = console_of(lab, job)
    expect(seen == list(range(len(seen))) and len(seen) <= lines, f"job {job}: its console lines are {seen}")


def expect_console_once(lab, job, lines):
    seen = console_of(lab, job)
    if seen != list(range(lines)):
        missing = sorted(set(range(lines)) - set(seen))
        twice = sorted({n for n in seen if seen.count(n) > 1})
        raise Broken(f"job {job}: {len(seen)} console lines instead of {lines}; missing {missing[:5]}, twice {twice[:5]}")


def expect_results_once(lab, job, cases):
    names = sorted(test["name"] for test in tests_of(lab, job) if test["name"].startswith("case_"))
    expect(names == sorted(f"case_{n}" for n in range(cases)), f"job {job}: results {names} instead of {cases} cases")


def expect_whole(lab, job, lines, cases):
    """A Complete job with all that its machine said."""
    state = lab.job(job)
    expect(state["state"] == "Finished" and state["health"] == "Complete",
           f"job {job} is {state['state']}, {state['health']}: {verdict(lab, job) if state['state'] == 'Finished' else ''}")
    expect_console_once(lab, job, lines)
    expect_results_once(lab, job, cases)
    verdict(lab, job)


def machines_of(lab):
    """Running machines and runners of the lab, by pid."""
    found = {}
    for pid in processes_of(lab.state):
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        name = " ".join(os.fsdecode(word) for word in words[:3])
        if "patchbay-runner" in name:
            found[pid] = "runner"
        elif "qemu-system" in name:
            found[pid] = "machine"
    return found


def expect_quiet(lab, seconds=30):
    """Devices Idle, no runner, no machine, no lease folder; waited for, as closing a lease takes its moment."""
    end = time.monotonic() + seconds
    while True:
        busy = [d["hostname"] for d in all_pages(lab, "/api/v0.2/devices/") if d["state"] != "Idle"]
        left = machines_of(lab)
        leases = sorted(p.name for p in (lab.state / "leases").iterdir()) if (lab.state / "leases").exists() else []
        if not busy and not left and not leases:
            return
        if time.monotonic() > end:
            raise Broken(f"after the last job: busy devices {busy}, processes {left}, lease folders {leases}")
        time.sleep(0.05)


def expect_usable(lab):
    """One more job runs from beginning to end."""
    job = lab.submit(lab.fast_job("fast.lines=20 fast.cases=2"))
    lab.wait(job, 60)
    expect_whole(lab, job, 20, 2)
