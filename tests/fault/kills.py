# SPDX-License-Identifier: Apache-2.0
"""Programs killed at random moments."""

import contextlib
import os
import signal
import socket
import time
import urllib.error

from checks import (Broken, expect, expect_beginning_once, expect_console_once, expect_quiet, expect_results_once, expect_usable,
                    expect_whole, machines_of, verdict)
from fast_lab import FastLab

LINES, CASES = 60, 6


def keep_queue_filled(lab, accepted, random, wanted=4):
    """Submits until `wanted` jobs are not Finished. What the server acknowledged goes into `accepted`."""
    page = lab.get("/api/v0.2/jobs/?limit=%d&ordering=-id" % (wanted * 3)).json()["results"]
    open_jobs = sum(job["state"] != "Finished" for job in page)
    for _ in range(wanted - open_jobs):
        spread = random.choice([0, 100, 300, 600])
        accepted.append(int(lab.submit(lab.fast_job(f"fast.lines={LINES} fast.cases={CASES} fast.spread={spread}"))))


def daemon_killed(programs, random, count=200, **_):
    """The daemon is killed while jobs run, and started again: every job has each line and each result once."""
    accepted = []
    with FastLab(programs, devices=3) as lab:
        lab.start()
        lab.add_user()
        for _ in range(count):
            moment = time.monotonic() + random.uniform(0.02, 0.9)
            with contextlib.suppress(OSError, urllib.error.URLError):
                keep_queue_filled(lab, accepted, random)
            time.sleep(max(0.0, moment - time.monotonic()))
            lab.kill(signal.SIGKILL)
            lab.start()
        for job in accepted:
            lab.wait(job, 120)
        for job in accepted:
            expect_whole(lab, job, LINES, CASES)
        expect_quiet(lab)
        expect_usable(lab)
    return f"{count} kills, {len(accepted)} jobs, {LINES} lines and {CASES} results of each exactly once"


def daemon_restarted(programs, random, count=30, **_):
    """The daemon is stopped and started while jobs run and a client listens, as by an upgrade: no job notices."""
    accepted, slowest = [], 0.0
    with FastLab(programs, devices=3) as lab:
        lab.start()
        lab.add_user()
        for _ in range(count):
            keep_queue_filled(lab, accepted, random)
            with socket.create_connection(("127.0.0.1", lab.port)) as listener:
                listener.sendall(f"GET /api/v0.2/jobs/{accepted[-1]}/events/ HTTP/1.1\r\nHost: x\r\n"
                                 f"Authorization: Token {lab.token}\r\n\r\n".encode())
                time.sleep(random.uniform(0.02, 0.5))
                begin = time.monotonic()
                lab.daemon.terminate()
                lab.daemon.wait(60)
                slowest = max(slowest, time.monotonic() - begin)
                expect(lab.daemon.returncode == 0, f"the daemon ended with {lab.daemon.returncode}")
            lab.start()
        for job in accepted:
            lab.wait(job, 120)
        for job in accepted:
            expect_whole(lab, job, LINES, CASES)
        expect_quiet(lab)
    return f"{count} restarts, {len(accepted)} jobs whole, the slowest stop took {slowest:.1f} s"


def runner_killed(programs, random, count=40, **_):
    """A runner is killed: the job is Incomplete by Infrastructure, or was over; no machine stays, the device is free."""
    over = 0
    with FastLab(programs, devices=2) as lab:
        lab.start()
        lab.add_user()
        for _ in range(count):
            job = int(lab.submit(lab.fast_job(f"fast.lines={LINES} fast.cases={CASES} fast.spread=600")))
            end = time.monotonic() + 30
            while not (runners := [pid for pid, what in machines_of(lab).items() if what == "runner"]):
                expect(time.monotonic() < end, f"no runner appeared for job {job}")
                time.sleep(0.005)
            time.sleep(random.uniform(0, 1.2))
            for pid in runners:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            state = lab.wait(job, 60)
            if state["health"] == "Complete":
                over += 1
                expect_whole(lab, job, LINES, CASES)
            else:
                expect(state["health"] == "Incomplete", f"job {job} is {state['health']}")
                text = verdict(lab, job)
                expect("Infrastructure" in text, f"job {job} ended with {text}")
            expect_quiet(lab)
        expect_usable(lab)
    return f"{count} kills, {over} of them after the last record"


def both_killed(programs, random, count=20, **_):
    """Daemon and runner die together, as when a machine loses its power: the next daemon ends the leases."""
    with FastLab(programs, devices=2) as lab:
        lab.start()
        lab.add_user()
        for _ in range(count):
            jobs = [int(lab.submit(lab.fast_job(f"fast.lines={LINES} fast.cases={CASES} fast.spread=600"))) for _ in range(2)]
            time.sleep(random.uniform(0.05, 1.0))
            kill_all(lab)
            lab.start()
            for job in jobs:
                state = lab.wait(job, 60)
                if state["health"] == "Complete":
                    expect_console_once(lab, job, LINES)
                    expect_results_once(lab, job, CASES)
                elif "Infrastructure" not in verdict(lab, job):
                    raise Broken(f"job {job} ended with {verdict(lab, job)}")
            expect_quiet(lab)
        expect_usable(lab)
    return f"{count} times"


def kill_all(lab):
    """The daemon, its runners and their machines, at once."""
    lab.kill(signal.SIGKILL)
    for pid in machines_of(lab):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def tear(journal, random):
    """What a power cut may leave of a file that was growing."""
    whole = journal.read_bytes()
    kind = random.choice(["cut", "half a record", "zeros", "noise"])
    if kind == "cut":
        os.truncate(journal, random.randint(len(whole) // 2, len(whole)))
        return kind
    tail = {"half a record": whole[-200:][:random.randint(1, 150)], "zeros": bytes(random.randint(1, 9000)),
            "noise": random.randbytes(random.randint(1, 9000))}[kind]
    with open(journal, "ab") as file:
        file.write(tail)
    return kind


def torn_journal(programs, random, count=40, **_):
    """All die, and the end of the journal is torn: what was whole counts once, the job is Incomplete by Infrastructure."""
    kinds = {}
    with FastLab(programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        for _ in range(count):
            job = int(lab.submit(lab.fast_job(f"fast.lines={LINES} fast.cases={CASES} fast.spread=30000")))
            lab.wait(job, 60, ("Running",))
            time.sleep(random.uniform(0.1, 0.8))
            kill_all(lab)
            kind = tear(next((lab.state / "leases").glob("*/journal")), random)
            kinds[kind] = kinds.get(kind, 0) + 1
            lab.start()
            state = lab.wait(job, 60)
            expect(state["health"] == "Incomplete", f"job {job} is {state['health']} ({kind})")
            expect("Infrastructure" in verdict(lab, job), f"job {job} ended with {verdict(lab, job)} ({kind})")
            expect_beginning_once(lab, job, LINES)
            expect_quiet(lab)
        expect_usable(lab)
    return ", ".join(f"{number} x {kind}" for kind, number in sorted(kinds.items()))
