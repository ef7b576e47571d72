# SPDX-License-Identifier: Apache-2.0
"""Debian's lava-worker, unchanged, attaches to our daemon and runs jobs on a real QEMU, whatever is killed meanwhile."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
from lab import FileServer, Lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))

JOB = """\
device_type: far-qemu
job_name: far away
visibility: public
priority: medium
timeouts:
  job: {minutes: 20}
  action: {minutes: 6}
  connection: {minutes: 4}
context:
  arch: x86_64
actions:
- deploy:
    to: tmpfs
    os: oe
    images:
      kernel:
        image_arg: -kernel {kernel}
        url: GUEST/vmlinuz
      initrd:
        image_arg: -initrd {initrd} -append "console=ttyS0"
        url: GUEST/initrd.cpio.gz
        compression: gz
        format: cpio.newc
        overlays: {lava: true}
- boot:
    method: qemu
    media: tmpfs
    prompts: ['root@pb-guest:']
- test:
    definitions:
    - from: inline
      name: smoke
      path: inline/smoke.yaml
      repository:
        metadata: {format: Lava-Test Test Definition 1.0, name: smoke, description: some cases}
        run:
          steps: STEPS
"""
CASES = ["for i in 1 2 3 4 5; do lava-test-case smoke-$i --result pass; done", "uname -a",
         "lava-test-case proc-version --shell cat /proc/version"]
# Long enough to be killed in; each round is a case and a line.
SLOW = ["i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo round $i; lava-test-case round-$i --result pass; sleep 0.5; done"]

CONFIG = """\
worker_registration: [127.0.0.0/8]
workers:
- name: rack
  dispatcher: {prefix: PREFIX}
  env: {purge: false, overrides: {LC_ALL: C.UTF-8}}
devices:
- name: far-01
  device_type: far-qemu
  worker: rack
  variables: {no_kvm: true, memory: 256, extra_options: ['-accel tcg', '-cpu max']}
- name: qemu-01
device_types: {qemu: {disable_health_check: true}}
"""


def guest_folder():
    """$PATCHBAY_GUEST, or a folder made now."""
    folder = pathlib.Path(os.environ.get("PATCHBAY_GUEST") or PROGRAMS.parent / "guest")
    if not (folder / "initrd.cpio.gz").exists():
        subprocess.run([ROOT / "scripts/make-guest", folder, "amd64"], check=True)
    return folder


def until(what, seconds=240):
    """What `what()` returns, once that is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it never came to that")


def processes_with(word):
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and int(entry.name) != os.getpid() and word in (entry / "cmdline").read_bytes():
                yield int(entry.name)


# As later versions listen to events: with name and token.
WITH_LOGIN = """\
import sys
from lava_dispatcher import worker
worker.HEADERS.update({"LAVA-Host": sys.argv.pop(1), "LAVA-Token": sys.argv.pop(1)})
worker.run()
"""


class Worker:
    """A lava-worker on a folder of its own."""

    def __init__(self, lab, name="rack"):
        self.url, self.name = lab.url, name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lava-worker-"))
        self.process = None

    def start(self, *arguments, program=("lava-worker",), interval=1):
        log = open(self.folder / "worker.log", "ab")
        self.process = subprocess.Popen(
            [*program, "--name", self.name, "--url", self.url, "--worker-dir", str(self.folder / "data"),
             "--ping-interval", str(interval), "--job-log-interval", "1", "--log-file", "-", "--level", "DEBUG", *arguments],
            stdout=log, stderr=log, cwd=self.folder)
        log.close()
        return self

    def log(self):
        with contextlib.suppress(OSError):
            return (self.folder / "worker.log").read_text(errors="replace")
        return ""

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def jobs(self):
        """The processes of the runners that it knows, each of which leads a group."""
        with contextlib.closing(sqlite3.connect(self.folder / "data/db.sqlite3")) as db:
            return [row[0] for row in db.execute("SELECT pid FROM jobs")]

    def kill_runners(self):
        with contextlib.suppress(sqlite3.Error):
            for pid in self.jobs():
                with contextlib.suppress(OSError):
                    os.killpg(pid, signal.SIGKILL)

    def forget(self):
        """As a worker whose disk was replaced: but for its token."""
        (self.folder / "data/db.sqlite3").unlink()
        shutil.rmtree(self.folder / "data/tmp")


class LavaWorker(unittest.TestCase):
    def setUp(self):
        # Names the folders of LAVA's runner, which are the same for all workers of this machine.
        self.prefix = "pb%d-" % os.getpid()
        self.files = FileServer(guest_folder())
        self.addCleanup(self.files.close)
        self.lab = Lab(PROGRAMS, config=CONFIG.replace("PREFIX", self.prefix))
        self.addCleanup(self.lab.close)
        self.lab.start()
        self.lab.add_user()
        self.worker = Worker(self.lab)
        self.addCleanup(self.clean_up)

    def clean_up(self):
        self.worker.kill()
        self.worker.kill_runners()
        self.kill_machines()
        for folder in pathlib.Path("/var/lib/lava/dispatcher/tmp").glob(self.prefix + "*"):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(self.worker.folder, ignore_errors=True)

    def kill_machines(self):
        for pid in processes_with(self.prefix.encode()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def submit(self, steps, visibility="public"):
        job = JOB.replace("GUEST", self.files.url).replace("STEPS", json.dumps(steps))
        return self.lab.submit(job.replace("visibility: public", "visibility: " + visibility))

    def expect_news_without_a_poll(self, visibility, **worker):
        """The next poll of the worker is an hour away."""
        self.worker.start(interval=3600, **worker)
        until(lambda: self.lab.get("/api/v0.2/workers/rack/").json()["state"] == "Online", 30)
        until(lambda: self.lab.get("/ws/v1/healthz/").json()["listeners"] == 1, 30)
        job = self.submit(SLOW, visibility)
        self.lab.wait(job, 60, states=("Running",))
        until(lambda: self.rounds(job) >= 1)
        self.lab.get("/api/v0.2/jobs/%d/cancel/" % job)
        self.lab.wait_for_line(job, "The job was canceled", 60)

    def wait(self, job, seconds=400):
        try:
            return self.lab.wait(job, seconds)
        except RuntimeError as error:
            raise AssertionError("%s\n%s\n%s" % (error, self.worker.log()[-5000:],
                                                 "\n".join(self.lab.log_lines(job)[-20:]))) from error

    def cases(self, job):
        tests = self.lab.get("/api/v0.2/jobs/%d/tests/?limit=500" % job).json()["results"]
        return {case["name"]: case for case in tests}

    def assert_whole_log(self, job):
        """Each line is there once, in its place."""
        lines = self.lab.log_lines(job)
        records = [json.loads(line[2:]) for line in lines]
        self.assertEqual([yaml.safe_load(line)[0] for line in lines], records)
        self.assertIn("lava-dispatcher, installed at version: 2023.01", records[0]["msg"])
        self.assertEqual(records[-1]["msg"]["case"], "job")
        self.assertEqual([r["msg"] for r in records if r["msg"] == "Job finished correctly"], ["Job finished correctly"])
        self.assertEqual(len(lines), len(set(lines)), "two lines are the same, to the microsecond")
        self.assertEqual([r for r in records if r["lvl"] == "warning"], [])
        # The runner counts its lines for itself: its numbers are right only when none is missing and none came twice.
        marked = 0
        for name, case in self.cases(job).items():
            if case["start_log_line"] is not None and case["start_log_line"] == case["end_log_line"]:
                self.assertIn("TEST_CASE_ID=" + name, records[case["start_log_line"]]["msg"])
                marked += 1
        self.assertGreater(marked, 4)
        return records

    def rounds(self, job):
        return sum('"round ' in line for line in self.lab.log_lines(job))

    def test_a_worker_registers_and_runs_a_job(self):
        self.worker.start()
        until(lambda: self.lab.get("/api/v0.2/workers/rack/").json()["state"] == "Online", 30)
        self.assertEqual(self.lab.get("/api/v0.2/workers/rack/").json()["version"], "2023.01")
        job = self.submit(CASES)
        done = self.wait(job)
        self.assertEqual((done["health"], done["actual_device"]), ("Complete", "far-01"), self.lab.log_lines(job)[-8:])
        records = self.assert_whole_log(job)
        cases = self.cases(job)
        self.assertEqual([cases["smoke-%d" % i]["result"] for i in range(1, 6)], ["pass"] * 5)
        self.assertEqual(cases["proc-version"]["result"], "pass")
        self.assertTrue([r for r in records if r["lvl"] == "target" and "Linux version" in str(r["msg"])])
        device = self.lab.get("/api/v0.2/devices/far-01/").json()
        self.assertEqual((device["state"], device["health"]), ("Idle", "Good"))
        self.assertIn("pipeline", self.lab.get("/api/v0.2/jobs/%d/pipeline/" % job).body.decode())
        until(lambda: not self.worker.jobs(), 30)  # its report was accepted

    def test_a_worker_is_told_of_its_jobs_at_once(self):
        self.expect_news_without_a_poll("public")

    def test_a_worker_that_says_who_it_is_is_told_of_private_jobs_too(self):
        token = subprocess.run(self.lab.command("worker", "token", "rack"), check=True, stdout=subprocess.PIPE,
                               text=True).stdout.strip()
        program = ("/usr/bin/python3", "-c", WITH_LOGIN, "rack", token, "--token", token)
        self.expect_news_without_a_poll("personal", program=program)

    def test_the_daemon_is_killed_and_the_job_ends_once_with_its_whole_log(self):
        self.worker.start()
        job = self.submit(SLOW)
        for rounds in (2, 8, 15):
            until(lambda: self.rounds(job) >= rounds)
            self.lab.kill()
            marks = self.worker.log().count("server unavailable")
            until(lambda: self.worker.log().count("server unavailable") > marks, 60)
            self.lab.start()
        done = self.wait(job)
        self.assertEqual(done["health"], "Complete")
        self.assert_whole_log(job)
        self.assertEqual(self.rounds(job), 40)
        cases = self.lab.get("/api/v0.2/jobs/%d/tests/?limit=500" % job).json()["results"]
        self.assertEqual([case["name"] for case in cases if case["name"].startswith("round-")],
                         ["round-%d" % i for i in range(1, 41)])
        self.assertEqual(sum(case["name"] == "job" for case in cases), 1)

    def test_the_daemon_is_away_while_the_job_ends(self):
        self.worker.start()
        job = self.submit(CASES)
        until(lambda: any("smoke-5" in line for line in self.lab.log_lines(job)) or
              any("Linux version" in line for line in self.lab.log_lines(job)))
        self.lab.kill()
        # The runner has everything to say before it can end; it keeps trying.
        marks = self.worker.log().count("server unavailable")
        until(lambda: self.worker.log().count("server unavailable") > marks + 20, 120)
        self.lab.start()
        self.assertEqual(self.wait(job)["health"], "Complete")
        self.assert_whole_log(job)

    def test_the_worker_is_killed_and_its_runner_goes_on(self):
        self.worker.start()
        job = self.submit(SLOW)
        until(lambda: self.rounds(job) >= 2)
        self.worker.kill()
        until(lambda: self.rounds(job) >= 6)
        self.worker.start()
        self.assertEqual(self.wait(job)["health"], "Complete")
        self.assert_whole_log(job)
        self.assertEqual(self.rounds(job), 40)

    def test_a_job_is_canceled_at_the_worker(self):
        self.worker.start()
        job = self.submit(SLOW)
        until(lambda: self.rounds(job) >= 2)
        self.lab.get("/api/v0.2/jobs/%d/cancel/" % job)
        done = self.wait(job, 120)
        self.assertEqual(done["health"], "Canceled")
        self.assertIn("The job was canceled", str(self.lab.log_lines(job)))
        until(lambda: not [pid for pid in processes_with(b"qemu-system") if pid in processes_with(self.prefix.encode())], 30)
        self.assertEqual(self.lab.get("/api/v0.2/devices/far-01/").json()["state"], "Idle")

    def test_a_worker_that_has_forgotten_its_job_starts_it_again(self):
        self.worker.start()
        job = self.submit(SLOW)
        until(lambda: self.rounds(job) >= 2)
        self.worker.kill()
        self.worker.kill_runners()
        self.kill_machines()
        self.worker.forget()
        self.worker.start()
        self.assertEqual(self.wait(job)["health"], "Complete")
        lines = self.lab.log_lines(job)
        before = [number for number, line in enumerate(lines) if "worker rack has started this job again" in line]
        self.assertEqual(len(before), 1)
        before = before[0]
        self.assertIn("lava-dispatcher, installed at version", lines[before + 1])
        self.assertEqual(sum('"round ' in line for line in lines[before:]), 40)
        cases = [case for case in self.lab.get("/api/v0.2/jobs/%d/tests/?limit=500" % job).json()["results"]
                 if case["name"] == "round-40"]
        self.assertIn("TEST_CASE_ID=round-40", lines[cases[0]["start_log_line"]])


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("lava-run works for root only")
    unittest.main(verbosity=2)
