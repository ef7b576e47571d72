# SPDX-License-Identifier: Apache-2.0
"""Console throughput, memory, scheduling time."""

import json
import os
import subprocess
import tempfile
import threading
import time

from fast_lab import MACHINE, FastLab
from lab import processes_of
from measure import Row, load, processor_seconds, proportional_kib


class Follower:
    """`patchbay logs --follow --raw`, counting what comes."""

    def __init__(self, tools, lab, job):
        environment = dict(os.environ, PATCHBAY_SERVER=lab.url, PATCHBAY_TOKEN=lab.token)
        self.process = subprocess.Popen([str(tools.programs / "patchbay"), "logs", "--follow", "--raw", str(job)],
                                        stdout=subprocess.PIPE, env=environment)
        self.lines = 0
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.lines += b"console line" in line

    def finish(self):
        self.thread.join(60)
        self.process.wait(60)


def one_flood(tools, lab, lines):
    """Seconds from submission to Finished, lines stored, lines followed, processor seconds of daemon and runner."""
    before = processor_seconds(lab.daemon.pid)
    begin = time.monotonic()
    job = lab.submit(lab.fast_job(f"fast.lines={lines}", minutes=10))
    follower = Follower(tools, lab, job)
    runner, runner_time = None, 0.0
    while lab.job(job)["state"] != "Finished":
        runner = runner or runner_of(lab)
        runner_time = max(runner_time, processor_seconds(runner) if runner else 0)
        time.sleep(0.02)
    took = time.monotonic() - begin
    follower.finish()
    stored = sum("console line" in line for line in lab.log_lines(job))
    return took, stored, follower.lines, processor_seconds(lab.daemon.pid) - before + runner_time


def runner_of(lab):
    for pid in processes_of(lab.state / "leases"):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                if file.read().startswith("patchbay-runner"):
                    return pid
        except OSError:
            pass
    return None


def console_lines(tools, lines=300_000):
    """A machine prints as fast as it is read; runner, journal, store and a live follower take every line."""
    with FastLab(tools.programs) as lab:
        lab.start()
        lab.add_user()
        base, _, _, _ = one_flood(tools, lab, 10)
        took, stored, followed, processor = one_flood(tools, lab, lines)
        with tempfile.NamedTemporaryFile(dir=lab.state) as file:
            begin = time.monotonic()
            subprocess.run([str(MACHINE), f"fast.lines={lines}"], stdout=file, check=True)
            plain = time.monotonic() - begin
    rate, whole = lines / max(took - base, 0.001), stored == lines and followed == lines
    return [Row("console-lines", rate, "lines/s", "the same bytes into a file: %.0f lines/s" % (lines / plain),
                rate / (lines / plain), ">= 50000, none dropped (stored %d, followed %d of %d)" % (stored, followed, lines),
                rate >= 50_000 and whole),
            Row("console-processor", processor / lines * 1e6, "us/line", "daemon and runner together", None, "", None)]


def memory(tools, jobs=10_000):
    """Proportional set sizes: the daemon idle with stored jobs and after some reading, a runner that waits."""
    with FastLab(tools.programs) as lab:
        lab.start()
        lab.add_user()
        lab.kill(15)
        subprocess.run([tools.tool("seed"), str(lab.state / "patchbay.db"), "--jobs", str(jobs)], check=True,
                       stdout=subprocess.DEVNULL)
        lab.start()
        load(tools, lab.port, "/api/v0.2/jobs/?limit=50", token=lab.token, seconds=1)
        idle = proportional_kib(lab.daemon.pid) / 1024
        job = lab.submit(lab.fast_job("fast.silent"))
        lab.wait(job, 30, ("Running",))
        end = time.monotonic() + 20
        while not any("Boot command" in line for line in lab.log_lines(job)) and time.monotonic() < end:
            time.sleep(0.05)
        runner = proportional_kib(runner_of(lab)) / 1024
        lab.get(f"/api/v0.2/jobs/{job}/cancel/")
        lab.wait(job, 60)
    return [Row("memory-daemon", idle, "MB", "%d stored jobs, after reading" % jobs, None, "<= 30 MB", idle <= 30),
            Row("memory-runner", runner, "MB", "waiting for a silent machine", None, "<= 15 MB", runner <= 15)]


def schedule(tools):
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run([tools.tool("schedule"), folder + "/store.db"], stdout=subprocess.PIPE, check=True, text=True)
    times = {int(queued): us / 1000 for queued, us in json.loads(out.stdout).items()}
    small, large = times[min(times)], times[max(times)]
    # A logarithm grows by log(100 000) / log(100) = 2.5 here; twice that leaves room for caches.
    return [Row("schedule-%d" % queued, ms, "ms", "5000 devices", None, "< 5 ms", ms < 5) for queued, ms in times.items()] + [
        Row("schedule-growth", large / small, "x", "%d instead of %d queued" % (max(times), min(times)), large / small,
            "<= 5, a logarithm", large / small <= 5)]
