# SPDX-License-Identifier: Apache-2.0
"""Jobs on virtual machines beside the bare machine: the same QEMU, the same guest, the same commands."""

import http.client
import json
import mmap
import pathlib
import shlex
import subprocess
import time

from lab import Lab
from measure import Row, median

SMOKE = (pathlib.Path(__file__).parent / "smoke-job.yaml").read_text()
# Seconds for one machine that needs two: an emulated guest on a busy host hangs in its boot once in a while.
PATIENCE = 90


def smoke_job(tools):
    return SMOKE.replace("@GUEST@", str(tools.guest))


def lab(tools, machines=2):
    return Lab(tools.programs,
               f'allowed_file_paths: ["{tools.guest}"]\ndevices:\n  - {{name: qemu, count: {machines}}}\n')


def states(lab, job):
    """Gives (state, health) whenever the daemon says that it changed; the end of the stream is the end of the job."""
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=PATIENCE)
    # Behind every line: only the changes of state are wanted.
    connection.request("GET", f"/api/v0.2/jobs/{job}/events/?start=1000000000", headers={"Authorization": "Token " + lab.token})
    stream, event = connection.getresponse(), ""
    for line in stream:
        key, _, value = line.decode().rstrip("\n").partition(": ")
        if key == "event":
            event = value
        elif key == "data" and event == "state":
            data = json.loads(value)
            yield data["state"], data["health"]
    connection.close()


def finish(lab, job):
    """Waits for the job's end; raises when it is not Complete."""
    health = "no end of the events"
    for _, health in states(lab, job):
        pass
    if health != "Complete":
        raise RuntimeError("job %d: %s\n%s" % (job, health, "\n".join(lab.log_lines(job)[-15:])))


def run_job(lab, definition):
    """The job's number and the seconds from before its submission until it was Finished."""
    begin = time.monotonic()
    job = lab.submit(definition)
    finish(lab, job)
    return job, time.monotonic() - begin


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


def warm_memory(size=700 << 20):
    """Takes memory for more than one machine and gives it back. Otherwise who runs second gets what the first has just
    touched, and a host that lends out idle memory makes the other one pay for each page."""
    memory = mmap.mmap(-1, size)
    memory.write(bytes(size))
    memory.close()


def run_bare(command):
    begin = time.monotonic()
    machine = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
    if b"smoke-5 pass" not in machine.stdout:
        raise RuntimeError("the bare machine did not run: %r" % machine.stdout[-500:])
    return time.monotonic() - begin


def run_bare_machines(command, count, machines):
    """Seconds for `count` runs, `machines` at a time."""
    begin = time.monotonic()
    running, started = [], 0
    while started < count or running:
        if time.monotonic() - begin > PATIENCE * count:
            for machine in running:
                machine.kill()
            raise RuntimeError("a bare machine hangs")
        while started < count and len(running) < machines:
            running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
            started += 1
        running = [machine for machine in running if machine.poll() is None]
        time.sleep(0.005)
    return time.monotonic() - begin


def program_start(program):
    """Seconds that the program needs to start and say its version."""
    begin = time.monotonic()
    subprocess.run([str(program), "--version"], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def seconds_until_running(lab, job):
    """By the daemon's own clock: submission stored to runner reported."""
    def seconds(text):
        clock = text.partition("T")[2].rstrip("Z").split(":")
        return int(clock[0]) * 3600 + int(clock[1]) * 60 + float(clock[2])
    row = lab.job(job)
    return (seconds(row["start_time"]) - seconds(row["submit_time"])) % 86400


def minimal_job(tools):
    """From submission to Finished, beside the bare machine; rounds alternate so that both see the same noise."""
    with lab(tools) as server:
        server.start()
        server.add_user()
        first, _ = run_job(server, smoke_job(tools))  # fills the artifact cache, as in any lab that runs a second job
        command = bare_command(server, first, tools)
        if not tools.quick:
            run_bare(command)
        ours, bare, begun, starts = [], [], [], []
        for _ in range(tools.amount(11, 1)):
            warm_memory()
            job, seconds = run_job(server, smoke_job(tools))
            ours.append(seconds)
            begun.append(seconds_until_running(server, job))
            starts.append(program_start(tools.programs / "patchbay-runner"))
            warm_memory()
            bare.append(run_bare(command))
    # The machine's own speed drifts by more than what is measured: neighbours are compared.
    more = median([job - machine for job, machine in zip(ours, bare)])
    ratio = median(ours) / median(bare)
    latency, start = median(begun), median(starts)
    return [Row("minimal-job", median(ours), "s", "bare QEMU, the same guest and commands: %.3f s" % median(bare), ratio,
                "<= 1.05, or <= 0.2 s more (now %+.3f s)" % more, ratio <= 1.05 or more <= 0.2),
            Row("submit-to-running", latency, "s", "patchbay-runner --version, its start alone: %.4f s" % start,
                latency / start, "<= 0.2 s", latency <= 0.2)]


def twenty_jobs(tools, machines=2):
    """All submitted at once, two machines; beside bare machines, two at a time."""
    count = tools.amount(20, 2)
    with lab(tools, machines) as server:
        server.start()
        server.add_user()
        first, _ = run_job(server, smoke_job(tools))
        command = bare_command(server, first, tools)
        warm_memory(2 * 700 << 20)
        begin = time.monotonic()
        numbers = [server.submit(smoke_job(tools)) for _ in range(count)]
        for job in numbers:
            finish(server, job)
        ours = time.monotonic() - begin
        warm_memory(2 * 700 << 20)
        bare = run_bare_machines(command, count, machines)
    return [Row("twenty-jobs", ours, "s", "bare QEMU, %d runs, two at a time: %.3f s" % (count, bare), ours / bare,
                "<= 1.2 (now %+.3f s for each job)" % ((ours - bare) * machines / count), ours / bare <= 1.2)]
