# SPDX-License-Identifier: Apache-2.0
"""A console that prints as fast as it is read: runner, journal, store and a live follower take every line."""

import datetime
import os
import re
import resource
import subprocess
import tempfile
import threading
import time

from fast_lab import MACHINE, FastLab
from lab import processes_of
from measure import Row, median, processor_seconds


class Follower:
    """`patchbay logs --follow --raw`, counting what comes."""

    def __init__(self, tools, lab, job):
        environment = dict(os.environ, PATCHBAY_SERVER=lab.url, PATCHBAY_TOKEN=lab.token)
        self.process = subprocess.Popen([str(tools.programs / "patchbay"), "logs", "--follow", "--raw", str(job)],
                                        stdout=subprocess.PIPE, env=environment)
        self.lines = 0
        self.last = 0.0  # wall time of the last line
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        rest = b""
        while data := self.process.stdout.read1(1 << 20):
            data = rest + data
            end = data.rfind(b"\n") + 1
            count = data.count(b"console line", 0, end)
            if count:
                self.lines += count
                self.last = time.time()
            rest = data[end:]
        self.lines += rest.count(b"console line")

    def finish(self):
        self.thread.join(60)
        self.process.wait(60)


def runner_of(lab):
    for pid in processes_of(lab.state / "leases"):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                if file.read().startswith("patchbay-runner"):
                    return pid
        except OSError:
            pass
    return None


def stored_lines(lab, job):
    """How many of them the store has, and the wall time at which the runner had the first."""
    lines = [line for line in lab.log_lines(job) if "console line" in line]
    first = re.search(r'"dt": "([^"]+)"', lines[0]).group(1)
    return len(lines), datetime.datetime.fromisoformat(first + "+00:00").timestamp()


def one_flood(tools, lab, lines):
    """Seconds from the runner's first line to the follower's last, lines stored, lines followed, processor seconds of
    daemon and runner."""
    before = processor_seconds(lab.daemon.pid)
    job = lab.submit(lab.fast_job(f"fast.lines={lines}", minutes=10))
    follower = Follower(tools, lab, job)
    runner, runner_time = None, 0.0
    while lab.job(job)["state"] != "Finished":
        runner = runner or runner_of(lab)
        runner_time = max(runner_time, processor_seconds(runner) if runner else 0)
        time.sleep(0.02)
    follower.finish()
    processor = processor_seconds(lab.daemon.pid) - before + runner_time
    stored, first = stored_lines(lab, job)
    return max(follower.last - first, 0.001), stored, follower.lines, processor


def into_a_file(lab, lines):
    """Seconds and processor seconds of the same machine when it prints into a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.NamedTemporaryFile(dir=lab.state) as file:
        begin = time.monotonic()
        subprocess.run([str(MACHINE), f"fast.lines={lines}"], stdout=file, check=True)
        took = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def console_lines(tools):
    lines = tools.amount(50_000, 2_000)
    floods, plain = [], []
    with FastLab(tools.programs) as lab:
        lab.start()
        lab.add_user()
        for _ in range(tools.amount(5, 1)):
            floods.append(one_flood(tools, lab, lines))
            plain.append(into_a_file(lab, lines))
    stored, followed = min(flood[1] for flood in floods), min(flood[2] for flood in floods)
    whole = stored == lines and followed == lines
    rate = lines / median([flood[0] for flood in floods])
    plain_rate = lines / median([seconds for seconds, _ in plain])
    ours, bare = median([flood[3] for flood in floods]), median([processor for _, processor in plain])
    return [Row("console-lines", rate, "lines/s", "the same bytes into a file: %.0f lines/s" % plain_rate, rate / plain_rate,
                ">= 50000, none dropped (stored %d, followed %d of %d)" % (stored, followed, lines),
                rate >= 50_000 and whole),
            Row("console-processor", ours / lines * 1e6, "us/line",
                "who prints the same bytes into a file: %.2f us/line" % (bare / lines * 1e6), ours / max(bare, 0.001),
                "<= 20, one processor for 50000 lines/s", ours / lines * 1e6 <= 20)]
