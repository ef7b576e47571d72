# SPDX-License-Identifier: Apache-2.0
"""Many clients at once: what each costs in memory, and how old a line is when it comes to the followers of one live log."""

import json
import subprocess

from fast_lab import FastLab
from measure import Row, constant_process, proportional_kib


class Clients:
    """Idle ones, then followers."""

    def __init__(self, tools, port, idle, followers=0, token=None):
        command = [tools.tool("crowd"), "--port", str(port), "--idle", str(idle), "--followers", str(followers)]
        self.process = subprocess.Popen(command + (["--token", token] if token else []), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def expect(self, word):
        said = self.process.stdout.readline().strip()
        if said != word:
            raise RuntimeError("the clients said %r, not %r" % (said, word))

    def go_on(self, text=""):
        self.process.stdin.write("%s\n" % text)
        self.process.stdin.flush()

    def result(self):
        return json.loads(self.process.stdout.readline())


def idle_kib(tools, port, pid, idle):
    """What one more idle connection costs a server; the first ones pay for what all share."""
    with Clients(tools, port, max(1, idle // 10)) as first:
        first.expect("idle")
        with Clients(tools, port, idle) as rest:
            before = proportional_kib(pid)
            rest.expect("idle")
            return max(0.0, (proportional_kib(pid) - before) / idle)


def followed(tools, lab, idle, followers, lines):
    """KiB that the job and its followers cost, and what they saw: a machine prints a hundred lines in a second."""
    with Clients(tools, lab.port, idle, followers, lab.token) as clients:
        clients.expect("idle")
        before = proportional_kib(lab.daemon.pid)
        job = lab.submit(lab.fast_job("fast.lines=%d fast.spread=%d" % (lines, lines * 10)))
        clients.go_on(job)
        clients.expect("following")
        clients.go_on()
        lab.wait(job, 30, ("Running", "Finished"))
        kib = proportional_kib(lab.daemon.pid) - before
        result = clients.result()
    if result["idle"] != idle or result["lines"] != lines or not result["measured"]:
        raise RuntimeError("of %d idle connections and %d lines: %s" % (idle, lines, result))
    return kib, result["p50_us"] / 1000, result["p99_us"] / 1000


def crowd(tools):
    idle, followers, lines = tools.amount((1000, 100, 1000), (20, 5, 100))
    with FastLab(tools.programs, devices=1) as lab:
        lab.start()
        lab.add_user()
        followed(tools, lab, 0, 1, 100)  # what comes once with the first job
        one_kib, one_p50, one_p99 = followed(tools, lab, 0, 1, lines)
        ours = idle_kib(tools, lab.port, lab.daemon.pid, idle)
        body = lab.get("/api/v0.2/system/version/").body
        with constant_process(tools, body, lab.state) as (port, pid):
            bare = idle_kib(tools, port, pid, idle)
        kib, p50, p99 = followed(tools, lab, idle, followers, lines)
    each = max(0.0, (kib - one_kib) / (followers - 1))
    against = "one follower, nobody else: %.2f ms; %d idle connections, %d followers"
    return [Row("memory-connection", ours, "KiB", "constant Beast server: %.1f KiB; %d idle connections" % (bare, idle),
                ours / max(bare, 0.1), "<= 32 KiB", ours <= 32),
            Row("memory-follower", each, "KiB", "an idle connection: %.1f KiB; %d followers of a live log" % (ours, followers),
                each / max(ours, 0.1), "<= 64 KiB", each <= 64),
            Row("line-p50", p50, "ms", against % (one_p50, idle, followers), p50 / one_p50, "<= 20 ms more", p50 - one_p50 <= 20),
            Row("line-p99", p99, "ms", against % (one_p99, idle, followers), p99 / one_p99, "<= 50 ms more", p99 - one_p99 <= 50)]
