# SPDX-License-Identifier: Apache-2.0
"""Runners in units of their own: the daemon starts none, it calls at the socket of a device."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from fast_lab import FastLab  # noqa: E402
from runner_units import RunnerUnit  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


def answers(unit, *lines):
    """What a caller hears that says these lines; '' when the other end hangs up without a word."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(60)
        caller.connect(str(unit.path))
        with caller.makefile("rwb") as stream:
            heard = []
            for line in lines:
                stream.write(line)
                stream.flush()
                heard.append(stream.readline().decode())
            return heard[0] if len(heard) == 1 else heard


class UnitsTest(unittest.TestCase):
    def setUp(self):
        self.lab = FastLab(PROGRAMS, devices=2)
        self.addCleanup(self.lab.close)
        self.sockets = self.lab.state / "runners"
        self.sockets.mkdir()
        with self.lab.config.open("a") as config:
            config.write(f"runner_sockets: {self.sockets}\n")
        self.units = {}

    def unit(self, device):
        unit = RunnerUnit(self.sockets, device, PROGRAMS / "patchbay-runner", self.lab.state, self.lab.environment)
        self.addCleanup(unit.close)
        self.units[device] = unit
        return unit

    def start(self):
        self.lab.start()
        self.lab.add_user()

    def wait_until(self, condition):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end, self.lab.daemon_log())
            time.sleep(0.02)

    def held_lease(self):
        """A job that runs until it is told otherwise, its unit, and its lease folder."""
        job = self.lab.submit(self.lab.fast_job("fast.silent"))
        self.wait_until(lambda: self.lab.job(job)["state"] == "Running")
        unit = next(unit for unit in self.units.values() if unit.starts)
        return job, unit, next((self.lab.state / "leases").iterdir())

    def test_a_job_runs_in_the_unit_of_its_device(self):
        units = [self.unit("qemu-01"), self.unit("qemu-02")]
        self.start()
        jobs = [self.lab.submit(self.lab.fast_job("fast.cases=3")) for _ in range(4)]
        for job in jobs:
            self.assertEqual(self.lab.wait(job)["health"], "Complete", self.lab.daemon_log())
        self.assertEqual(sum(unit.starts for unit in units), 4)
        self.assertEqual([unit.text() for unit in units], ["", ""])

    def test_the_daemon_comes_back_to_a_runner_that_it_did_not_start(self):
        self.unit("qemu-01"), self.unit("qemu-02")
        self.start()
        job, unit, _ = self.held_lease()
        pid = unit.process.pid
        self.lab.kill()
        self.assertIsNone(unit.process.poll())
        self.lab.start()
        self.assertIn(f"pid={pid}", next(line for line in self.lab.daemon_log().splitlines() if "lease adopted" in line))
        self.assertEqual(self.lab.get(f"/api/v0.2/jobs/{job}/cancel/").status, 200)
        self.assertEqual(self.lab.wait(job)["health"], "Canceled")
        self.assertEqual(unit.starts, 1)

    def test_a_killed_runner_is_seen_at_once_and_its_unit_makes_the_device_safe(self):
        self.unit("qemu-01"), self.unit("qemu-02")
        self.start()
        job, unit, _ = self.held_lease()
        unit.kill()
        self.assertEqual(self.lab.wait(job)["health"], "Incomplete")
        self.assertTrue(any("the runner of this job ended unexpectedly: was killed" in line for line in self.lab.log_lines(job)))
        self.assertEqual(unit.starts, 2)  # the second made it safe
        self.assertNotIn("safe state: runner did not start", self.lab.daemon_log())

    def test_a_device_without_a_socket_is_named(self):
        self.unit("qemu-01")
        self.start()
        jobs = [self.lab.submit(self.lab.fast_job("fast.silent")) for _ in range(2)]
        self.wait_until(lambda: any(self.lab.job(job)["state"] == "Finished" for job in jobs))
        ended = next(job for job in jobs if self.lab.job(job)["state"] == "Finished")
        self.assertEqual(self.lab.job(ended)["health"], "Incomplete")
        log = "\n".join(self.lab.log_lines(ended))
        self.assertIn(f"{self.sockets}/qemu-02: No such file or directory; is the device in the file", log)
        self.assertIn("Configuration", log)

    def test_what_is_no_lease_of_the_device_starts_nothing(self):
        unit, other = self.unit("qemu-01"), self.unit("qemu-02")
        self.start()
        job, held, folder = self.held_lease()
        free = other if held is unit else unit
        leases = self.lab.state / "leases"
        (leases / "99").symlink_to(folder)
        (leases / "98").mkdir()
        (leases / "97").mkdir()
        (leases / "97/lease.json").write_text("{]")

        def ask(folder, run="lease", **more):
            return json.dumps({"run": run, "folder": str(folder), **more}).encode() + b"\n"
        for line, reason in ((b"\n", "request"), (b"\x00\xff\n", "request"), (b"[1]\n", "request"), (b"{}\n", "run"),
                             (b"x" * 5000 + b"\n", "the request is longer than"),
                             (ask(folder, run="sh"), "there are lease and make-safe"),
                             (ask(folder, argv=["/bin/sh"]), "unknown key 'argv'"),
                             (ask("/etc"), "is no lease folder below " + str(leases)),
                             (ask(f"{leases}/../leases/1"), "is no lease folder below"),
                             (ask(f"{leases}/1/.."), "is no lease folder below"), (ask(f"{leases}//1"), "is no lease folder below"),
                             (ask(leases / "96"), "is no folder"), (ask(leases / "99"), "is no folder"),
                             (ask(leases / "98"), "lease.json"), (ask(leases / "97"), "lease.json"),
                             (ask(folder), f"is of device {held.path.name}, and this is the unit of {free.path.name}")):
            with self.subTest(line[:100]):
                answer = answers(free, line)
                self.assertTrue(answer.startswith("refused: ") and reason in answer, answer)
        self.assertIn("request refused", free.text())
        for name in ("99", "98", "97"):
            path = leases / name
            path.unlink() if path.is_symlink() else [[file.unlink() for file in path.iterdir()], path.rmdir()]
        self.assertEqual(self.lab.job(job)["state"], "Running")

    def test_a_caller_that_goes_before_the_word_has_started_nothing(self):
        self.unit("qemu-01"), self.unit("qemu-02")
        self.start()
        _, held, folder = self.held_lease()
        self.lab.kill()
        held.kill()
        self.wait_until(lambda: held.process.returncode is not None)
        before = (folder / "runner.log").stat().st_size
        ask = json.dumps({"run": "lease", "folder": str(folder)}).encode() + b"\n"
        first = answers(held, ask)  # and hangs up
        self.assertRegex(first, r"^pid \d+\n$")
        self.wait_until(lambda: "the caller hung up" in held.text())
        self.assertRegex(answers(held, ask, b"stop\n")[1], "refused: the caller did not say go")
        self.assertEqual((folder / "runner.log").stat().st_size, before)

    @unittest.skipUnless(os.geteuid() == 0, "only root can call as another user")
    def test_another_user_is_refused(self):
        unit = self.unit("qemu-01")
        os.chmod(self.lab.state, 0o755)
        os.chmod(unit.path, 0o666)
        child = os.fork()
        if child == 0:
            try:
                os.setuid(65534)
                os._exit(0 if "only the daemon's" in answers(unit, b"{}\n") else 1)
            except BaseException:  # whatever it is, it must not come back into the test
                os._exit(2)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, unit.text())

    def test_without_a_socket_of_systemd_the_runner_says_so(self):
        done = subprocess.run([PROGRAMS / "patchbay-runner", "--unit", "qemu-01"], capture_output=True, text=True, check=False,
                              env=dict(os.environ, STATE_DIRECTORY="/tmp"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("start patchbay-runner@NAME.socket instead", done.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
