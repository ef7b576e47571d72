# SPDX-License-Identifier: Apache-2.0
"""Machines that say too much, or nothing."""

import pathlib
import time

from checks import expect, expect_quiet, expect_usable, is_sanitized, machines_of, verdict
from fast_lab import FastLab


def resident_mb(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def expect_flood_once(lab, job, flood_bytes):
    """As many lines as the machine printed: looked at where the flood begins and where it must end."""
    def lines(start, end):
        return lab.get(f"/api/v0.2/jobs/{job}/logs/?start={start}&end={end}").body.decode().splitlines()

    is_flood = ["x" * 100 in line for line in lines(0, 200)]
    expect(any(is_flood), f"job {job}: its log does not show the flood")
    end = is_flood.index(True) + flood_bytes // 202  # bytes of one line of fast-machine
    last, after = lines(end - 1, end + 1)
    expect("x" * 100 in last and "mark start" in after, f"job {job}: the flood does not end at line {end}: {last[:80]}, {after[:80]}")


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
        most = 2000 if is_sanitized(programs) else 100
        expect(daemon_peak < most, f"the daemon grew to {daemon_peak:.0f} MB")
        expect(runner_peak < most, f"the runner grew to {runner_peak:.0f} MB")
        expect_flood_once(lab, job, flood_bytes)
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
