# SPDX-License-Identifier: Apache-2.0
"""Machines that say too much, or nothing."""

import pathlib
import time

from checks import expect, expect_quiet, expect_usable, machines_of, verdict
from fast_lab import FastLab


def resident_mb(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def flood(programs, random, flood_bytes=1_000_000_000, **_):
    """A machine prints without end: memory stays bounded, others are served meanwhile, the job ends, all is free."""
    daemon_peak = runner_peak = slowest = 0.0
    with FastLab(programs, devices=2) as lab:
        lab.start()
        lab.add_user()
        begin = time.monotonic()
        job = int(lab.submit(lab.fast_job(f"fast.bytes={flood_bytes} fast.lines=5", minutes=20)))
        end = begin + 1200
        while True:
            asked = time.monotonic()
            state = lab.job(job)
            slowest = max(slowest, time.monotonic() - asked)
            if state["state"] == "Finished":
                break
            expect(time.monotonic() < end, f"job {job} does not end")
            daemon_peak = max(daemon_peak, resident_mb(lab.daemon.pid))
            for pid, what in machines_of(lab).items():
                if what == "runner":
                    runner_peak = max(runner_peak, resident_mb(pid))
            time.sleep(0.2)
        took = time.monotonic() - begin
        expect(daemon_peak < 250, f"the daemon grew to {daemon_peak:.0f} MB")
        expect(runner_peak < 250, f"the runner grew to {runner_peak:.0f} MB")
        expect(slowest < 5, f"a plain question took {slowest:.1f} s meanwhile")
        expect_quiet(lab)
        expect_usable(lab)
    return (f"{flood_bytes / 1e6:.0f} MB in {took:.0f} s, job {state['health']}; peaks: daemon {daemon_peak:.0f} MB, "
            f"runner {runner_peak:.0f} MB; slowest answer {slowest * 1000:.0f} ms")


def silent(programs, random, **_):
    """A machine never says a word: the time-out of its test ends the job, and it is switched off."""
    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        definition = lab.fast_job("fast.silent").replace("- test:\n    timeout:\n      minutes: 5", "- test:\n    timeout:\n      seconds: 3")
        job = int(lab.submit(definition))
        state = lab.wait(job, 60)
        expect(state["health"] == "Incomplete", f"job {job} is {state['health']}")
        text = verdict(lab, job)
        expect_quiet(lab)
        expect_usable(lab)
    return "Incomplete: " + " ".join(text.split())[:120]
