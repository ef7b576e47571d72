# SPDX-License-Identifier: Apache-2.0
"""Jobs on virtual machines beside the bare machine: the same QEMU, the same guest, the same commands."""

import pathlib
import shlex
import subprocess
import time

from lab import Lab
from measure import Row, median

SMOKE = (pathlib.Path(__file__).parent / "smoke-job.yaml").read_text()


def smoke_job(tools):
    return SMOKE.replace("@GUEST@", str(tools.guest))


def lab(tools, machines=2):
    return Lab(tools.programs,
               f'allowed_file_paths: ["{tools.guest}"]\ndevices:\n  - {{name: qemu, count: {machines}}}\n')


def bare_command(lab, job, tools):
    """The command line that the job was booted with, for the plain guest that runs the same commands and powers off."""
    marker = "Boot command: "
    for line in lab.log_lines(job):
        if marker in line:
            text = line.partition(marker)[2].rpartition('"')[0].replace('\\"', '"').replace("\\\\", "\\")
            break
    else:
        raise RuntimeError("the log of job %d has no boot command" % job)
    command = shlex.split(text)
    for i, word in enumerate(command[:-1]):
        if word == "-kernel":
            command[i + 1] = str(tools.guest / "vmlinuz")
        elif word == "-initrd":
            command[i + 1] = str(tools.guest / "initrd.cpio.gz")
        elif word == "-append":
            command[i + 1] += " pb.mode=smoke"
    return command + ["-no-reboot"]


def run_bare(command):
    begin = time.monotonic()
    machine = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    if b"smoke-5 pass" not in machine.stdout:
        raise RuntimeError("the bare machine did not run: %r" % machine.stdout[-500:])
    return time.monotonic() - begin


def run_job(lab, definition):
    begin = time.monotonic()
    job = lab.submit(definition)
    state = wait_closely(lab, job)
    took = time.monotonic() - begin
    if state["health"] != "Complete":
        raise RuntimeError("job %d: %s\n%s" % (job, state["health"], "\n".join(lab.log_lines(job)[-15:])))
    return job, took


def wait_closely(lab, job, seconds=300):
    """Like Lab.wait, asking every 10 ms: the measured span is a second or two."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = lab.job(job)
        if state["state"] == "Finished":
            return state
        time.sleep(0.01)
    raise RuntimeError("job %d did not finish" % job)


def minimal_job(tools, rounds=5):
    """From submission to Finished, beside the bare machine; rounds alternate so that both see the same noise."""
    with lab(tools) as server:
        server.start()
        server.add_user()
        first, _ = run_job(server, smoke_job(tools))  # fills the artifact cache, as in any lab that runs a second job
        command = bare_command(server, first, tools)
        run_bare(command)
        ours, bare = [], []
        for _ in range(rounds):
            ours.append(run_job(server, smoke_job(tools))[1])
            bare.append(run_bare(command))
    more, ratio = median(ours) - median(bare), median(ours) / median(bare)
    return [Row("minimal-job", median(ours), "s", "bare QEMU, the same guest and commands: %.3f s" % median(bare), ratio,
                "<= 1.05, or <= 0.2 s more (now %+.3f s)" % more, ratio <= 1.05 or more <= 0.2)]


def twenty_jobs(tools, count=20, machines=2):
    """All submitted at once, two machines; beside bare machines, two at a time."""
    with lab(tools, machines) as server:
        server.start()
        server.add_user()
        first, _ = run_job(server, smoke_job(tools))
        command = bare_command(server, first, tools)
        begin = time.monotonic()
        jobs = [server.submit(smoke_job(tools)) for _ in range(count)]
        for job in jobs:
            if wait_closely(server, job)["health"] != "Complete":
                raise RuntimeError("job %d is not Complete" % job)
        ours = time.monotonic() - begin
    begin = time.monotonic()
    running, started = [], 0
    while started < count or running:
        while started < count and len(running) < machines:
            running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
            started += 1
        running = [machine for machine in running if machine.poll() is None]
        time.sleep(0.005)
    bare = time.monotonic() - begin
    allowed = max(bare * 1.05, bare + 0.2 * count / machines)
    return [Row("twenty-jobs", ours, "s", "bare QEMU, two at a time: %.3f s" % bare, ours / bare,
                "<= 1.05, or <= 0.2 s more for each job", ours <= allowed)]
