# SPDX-License-Identifier: Apache-2.0
"""Memory, start and scheduling time."""

import http.client
import json
import subprocess
import tempfile
import time

from console import runner_of
from fast_lab import FastLab
from measure import Row, alternate, load, proportional_kib

BOARDS = "  - {name: %s, device_type: parked, count: %d}\n"
# Else the lab would try out the boards that nobody has used.
NO_CHECKS = "device_types: {qemu: {disable_health_check: true}, parked: {disable_health_check: true}}\n"


def seed(tools, lab, jobs):
    """Fills the store of a lab whose daemon does not run."""
    subprocess.run([tools.tool("seed"), str(lab.state / "patchbay.db"), "--jobs", str(jobs)], check=True,
                   stdout=subprocess.DEVNULL)


def filled_lab(tools, jobs):
    """A running lab with stored jobs and a thousand devices beside its fast machine."""
    boards = "".join(BOARDS % (name, tools.amount(500, 5)) for name in ("left", "right"))
    lab = FastLab(tools.programs, devices=1, more=boards + NO_CHECKS)
    try:
        lab.start()
        lab.add_user()
        lab.kill(15)
        seed(tools, lab, jobs)
        lab.start()
    except BaseException:
        lab.close()
        raise
    return lab


def memory(tools):
    """Proportional set sizes: the daemon idle after some reading, a runner that waits."""
    jobs = tools.amount(10_000, 100)
    with filled_lab(tools, jobs) as lab:
        load(tools, lab.port, "/api/v0.2/jobs/?limit=50", token=lab.token, seconds=1)
        job = lab.submit(lab.fast_job("fast.silent"))
        lab.wait(job, 30, ("Running",))
        end = time.monotonic() + 20
        while not any("Boot command" in line for line in lab.log_lines(job)) and time.monotonic() < end:
            time.sleep(0.05)
        runner = proportional_kib(runner_of(lab)) / 1024
        lab.get(f"/api/v0.2/jobs/{job}/cancel/")
        lab.wait(job, 60)
        idle = proportional_kib(lab.daemon.pid) / 1024
    return [Row("memory-daemon", idle, "MB", "the goal; %d stored jobs, 1000 devices, after reading and one job" % jobs,
                idle / 30, "<= 30 MB", idle <= 30),
            Row("memory-runner", runner, "MB", "the goal; waiting for a silent machine", runner / 15, "<= 15 MB",
                runner <= 15)]


def first_answer(port, path, headers, seconds=20):
    """Waits until a server answers there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.001)
        finally:
            connection.close()
    raise RuntimeError("nothing answers at port %d" % port)


def start(tools):
    """From the start of the program to its first answer; the daemon on a store with jobs and a thousand devices."""
    jobs = tools.amount(10_000, 100)

    def daemon():
        begin = time.monotonic()
        lab.daemon = subprocess.Popen(lab.command("serve", "--listen", "127.0.0.1:%d" % lab.port), stdout=lab.log,
                                      stderr=lab.log)
        first_answer(lab.port, "/api/v0.2/jobs/?limit=1", {"Authorization": "Token " + lab.token})
        took = time.monotonic() - begin
        lab.kill(15)
        return took

    def constant():
        begin = time.monotonic()
        server = subprocess.Popen([tools.tool("constant"), "--body-file", str(lab.config)], stdout=subprocess.PIPE, text=True)
        first_answer(int(server.stdout.readline()), "/", {})
        took = time.monotonic() - begin
        server.terminate()
        server.wait()
        server.stdout.close()
        return took

    with filled_lab(tools, jobs) as lab:
        lab.kill(15)
        ours, bare = alternate(daemon, constant, rounds=tools.amount(7, 1))
    return [Row("daemon-start", ours, "s", "constant Beast server: %.4f s; %d stored jobs, 1000 devices" % (bare, jobs),
                ours / bare, "<= 1 s to the first answer", ours <= 1)]


def decision_times(tools, sizes, *options):
    """Milliseconds of a decision by the number of queued jobs."""
    command = [tools.tool("schedule"), *options]
    for size in sizes:
        command += ["--queued", str(size)]
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run([*command, folder + "/store.db"], stdout=subprocess.PIPE, check=True, text=True)
    return {int(queued): us / 1000 for queued, us in json.loads(out.stdout).items()}


def schedule(tools):
    sizes = tools.amount((100, 10_000, 100_000), (100, 1000))
    times = decision_times(tools, sizes)
    least, some, most = sizes[0], sizes[1], sizes[-1]
    growth = times[most] / times[least]
    guests = decision_times(tools, [most], "--guests", "20")[most]
    stuck = decision_times(tools, [some], "--stuck", "--guests", "20", "--types", str(tools.amount(200, 20)))[some]
    # A logarithm grows by log(100 000) / log(100) = 2.5 here; twice that leaves room for caches.
    return [Row("schedule-%d" % queued, ms, "ms", "%d queued: %.3f ms; 5000 devices" % (least, times[least]),
                ms / times[least], "< 5 ms", ms < 5) for queued, ms in times.items()] + [
        Row("schedule-growth", growth, "x", "a logarithm: 2.5 for %d instead of %d queued" % (most, least), growth / 2.5,
            "<= 2 times a logarithm", growth / 2.5 <= 2),
        Row("schedule-guests", guests, "ms", "%d queued, nobody limited: %.3f ms; 20 guests" % (most, times[most]),
            guests / times[most], "< 5 ms", guests < 5),
        Row("schedule-stuck", stuck, "ms", "%d queued, one can run: %.3f ms; 200 types, 20 guests" % (some, times[some]),
            stuck / times[some], "< 5 ms", stuck < 5)]
