#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two patchbayds: one is the LAVA server, the other attaches to it and runs its jobs on its own devices."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from authority import Authority  # noqa: E402
from fast_lab import FastLab  # noqa: E402
from lab import FileServer, Lab, free_port  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))
GUEST = pathlib.Path(os.environ.get("PATCHBAY_GUEST") or PROGRAMS.parent / "guest")


GUEST_JOB = """\
device_type: qemu
job_name: a guest far away
visibility: public
priority: medium
timeouts:
  job: {minutes: 10}
  action: {minutes: 5}
  connection: {minutes: 4}
context: {arch: x86_64}
actions:
- deploy:
    to: tmpfs
    os: oe
    images:
      kernel: {image_arg: '-kernel {kernel}', url: 'URL/vmlinuz'}
      initrd:
        image_arg: '-initrd {initrd} -append "console=ttyS0"'
        url: URL/initrd.cpio.gz
        compression: gz
        format: cpio.newc
        overlays: {lava: true}
- boot: {method: qemu, media: tmpfs, prompts: ['root@pb-guest:']}
- test:
    definitions:
    - from: inline
      name: smoke
      path: inline/smoke.yaml
      repository:
        metadata: {format: Lava-Test Test Definition 1.0, name: smoke, description: some cases}
        run: {steps: [lava-test-case kernel --shell uname -a, lava-test-case proc --shell cat /proc/version]}
"""


def until(what, seconds=60):
    """What `what()` returns, once that is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError("it never came to that")


class TwoLabs(unittest.TestCase):
    """Not started, so that a test can say how they are configured."""

    server_config = ""
    attach = {}

    def setUp(self):
        self.server = Lab(PROGRAMS)
        self.addCleanup(self.server.close)
        self.server.config.write_text(
            "devices: [{name: board-far-away, device_type: qemu, worker: bench}]\n"
            "device_types: {qemu: {disable_health_check: true}}\n" + self.server_config + self.more_server_config())
        self.server.start()
        self.server.add_user()
        self.lab = self.make_lab()
        self.addCleanup(self.lab.close)
        config = self.lab.config.read_text().replace("- {name: qemu, count: 1}", "- {name: qemu}")
        attach = {"name": "far", "server": self.server.url, "worker": "bench", "user": "guest",
                  "devices": {"board-far-away": "qemu"}, "interval": "1s", **self.credentials(), **self.attach}
        self.lab.config.write_text(config + "device_types: {qemu: {disable_health_check: true}}\n"
                                            "attach: " + json.dumps([attach]) + "\n")
        self.lab.add_user()
        self.lab.add_user("guest", superuser=False)
        self.lab.start()

    def more_server_config(self):
        return ""

    def make_lab(self):
        return FastLab(PROGRAMS, devices=1)

    def credentials(self):
        secret = subprocess.run(self.server.command("worker", "token", "bench"), check=True, stdout=subprocess.PIPE,
                                text=True).stdout.split()[-1]
        token = self.lab.state / "worker.token"
        token.write_text(secret)
        return {"token_file": str(token)}

    def listed(self):
        """The line of `patchbayd attach list`."""
        out = subprocess.run(self.lab.command("attach", "list"), check=True, stdout=subprocess.PIPE, text=True).stdout
        keys = ("name", "state", "since", "news", "jobs", "server", "worker", "problem")
        return dict(zip(keys, out.rstrip("\n").split("\t")))

    def wait_for_news_by(self, how):
        return until(lambda: self.listed().get("news") == how and self.listed())


class AttachedLabsTest(TwoLabs):
    def messages(self, lab, number):
        return [json.loads(line[2:]) for line in lab.log_lines(number)]

    def wait_for_line(self, number, words, seconds=90):
        end = time.monotonic() + seconds
        while not any(words in line for line in self.server.log_lines(number)):
            self.assertLess(time.monotonic(), end, self.server.daemon_log() + self.lab.daemon_log())
            time.sleep(0.05)

    def expect_complete(self, number):
        self.assertEqual(self.server.wait(number)["health"], "Complete", self.server.daemon_log())
        ours = self.lab.get("/api/v0.2/jobs/").json()["results"]
        self.assertEqual([(job["submitter"], job["health"]) for job in ours], [("guest", "Complete")])
        theirs, here = self.messages(self.server, number), self.messages(self.lab, ours[0]["id"])
        self.assertEqual([line["msg"] for line in theirs], [line["msg"] for line in here])
        tests = self.server.get(f"/api/v0.2/jobs/{number}/tests/").json()["results"]
        names = [test["name"] for test in tests]
        self.assertEqual(names.count("job"), 1)
        self.assertEqual([names.count(f"case_{i}") for i in range(3)], [1, 1, 1])

    def test_a_job_of_one_runs_on_the_device_of_the_other(self):
        number = self.server.submit(self.lab.fast_job("fast.cases=3"))
        self.expect_complete(number)
        self.assertEqual(self.server.job(number)["actual_device"], "board-far-away")

    def test_both_are_killed_in_the_middle(self):
        number = self.server.submit(self.lab.fast_job("fast.lines=400 fast.spread=8000 fast.cases=3"))
        self.wait_for_line(number, "console line 5 of")
        self.lab.kill()
        self.lab.start()
        self.wait_for_line(number, "console line 100 of")
        self.server.kill()
        self.server.start()
        self.expect_complete(number)

    def test_a_cancel_there_is_one_here(self):
        number = self.server.submit(self.lab.fast_job("fast.silent"))
        self.server.wait(number, states=("Running",))
        self.server.get(f"/api/v0.2/jobs/{number}/cancel/")
        self.assertEqual(self.server.wait(number)["health"], "Canceled")
        self.assertEqual(self.lab.wait(1)["health"], "Canceled")


class EventsTest(TwoLabs):
    """The next question is an hour away."""

    attach = {"interval": "1h"}

    def test_a_job_begins_and_is_cancelled_at_once(self):
        listed = self.wait_for_news_by("events")
        self.assertEqual((listed["state"], listed["jobs"], listed["server"], listed["worker"], listed["problem"]),
                         ("attached", "0", self.server.url, "bench", "-"))
        number = self.server.submit(self.lab.fast_job("fast.silent").replace("visibility: public", "visibility: personal"))
        self.server.wait(number, states=("Running",), seconds=60)
        self.assertEqual(self.listed()["jobs"], "1")
        self.server.get(f"/api/v0.2/jobs/{number}/cancel/")
        self.assertEqual(self.server.wait(number, seconds=60)["health"], "Canceled")
        for _ in range(2):  # the next one comes when the last has ended
            number = self.server.submit(self.lab.fast_job("fast.cases=1"))
            self.assertEqual(self.server.wait(number, seconds=60)["health"], "Complete")

    def test_events_are_heard_again_after_a_restart_of_the_server(self):
        self.wait_for_news_by("events")
        self.server.kill()
        self.assertIn("/ws/: ", self.wait_for_news_by("polls")["problem"])
        self.server.start()
        self.wait_for_news_by("events")
        number = self.server.submit(self.lab.fast_job("fast.cases=1"))
        self.assertEqual(self.server.wait(number, seconds=60)["health"], "Complete")

    def test_a_lab_that_stops_says_so(self):
        self.wait_for_news_by("events")
        self.lab.kill(signal.SIGTERM)
        self.assertEqual((self.listed()["state"], self.listed()["news"]), ("stopped", "polls"))


class TlsTest(TwoLabs):
    def more_server_config(self):
        Authority(self.server.state).sign(1)
        port = free_port()
        self.attach = {"interval": "1h", "server": f"https://localhost:{port}"}
        return f"tls: {{listen: '127.0.0.1:{port}', certificate: {self.server.state}/lab.pem, key: {self.server.state}/lab.key}}\n"

    def make_lab(self):
        lab = super().make_lab()
        lab.environment["SSL_CERT_FILE"] = str(self.server.state / "authority.pem")
        return lab

    def test_events_come_by_tls(self):
        self.wait_for_news_by("events")
        number = self.server.submit(self.lab.fast_job("fast.cases=1"))
        self.assertEqual(self.server.wait(number, seconds=60)["health"], "Complete")


class NoEventsTest(TwoLabs):
    server_config = "events: {listeners: 0}\n"

    def test_where_the_server_lets_nobody_listen_its_jobs_are_asked_for(self):
        problem = until(lambda: self.listed().get("problem", "-") != "-" and self.listed()["problem"])
        self.assertRegex(problem, "^events of 127.0.0.1:.*/ws/: the server answers 503 instead of a WebSocket$")
        number = self.server.submit(self.lab.fast_job("fast.cases=1"))
        self.assertEqual(self.server.wait(number, seconds=60)["health"], "Complete")
        self.assertEqual((self.listed()["state"], self.listed()["news"]), ("attached", "polls"))


class RegistrationTest(TwoLabs):
    server_config = "worker_registration: [127.0.0.0/8]\n"

    def credentials(self):
        return {}

    def test_a_lab_without_a_token_registers_itself(self):
        number = self.server.submit(self.lab.fast_job("fast.cases=1"))
        self.assertEqual(self.server.wait(number, seconds=60)["health"], "Complete")
        token = self.lab.state / "attach/far.token"
        self.assertEqual((token.stat().st_mode & 0o777, token.parent.stat().st_mode & 0o777), (0o600, 0o700))
        self.wait_for_news_by("events")
        before = token.read_text()
        self.lab.kill()
        self.lab.start()
        number = self.server.submit(self.lab.fast_job("fast.cases=1"))
        self.assertEqual(self.server.wait(number, seconds=60)["health"], "Complete")
        self.assertEqual(token.read_text(), before)


class NoRegistrationTest(TwoLabs):
    def credentials(self):
        return {}

    def test_a_server_that_registers_nobody_is_named_with_its_reason(self):
        listed = until(lambda: self.listed().get("state") == "fails" and self.listed())
        self.assertEqual(listed["problem"], f"{self.server.url} gives worker bench no token (403: Auto registration is "
                         "disabled); let its owner add the worker, and name the file of its token as token_file")
        self.assertFalse((self.lab.state / "attach/far.token").exists())


@unittest.skipUnless((GUEST / "initrd.cpio.gz").exists(), "no guest; scripts/make-guest makes one, PATCHBAY_GUEST names it")
class GuestTest(TwoLabs):
    """A lab with a real QEMU and a real guest."""

    def make_lab(self):
        self.files = FileServer(GUEST)
        self.addCleanup(self.files.close)
        lab = Lab(PROGRAMS)
        lab.config.write_text("allowed_url_networks: [loopback]\n"
                              "devices:\n  - {name: qemu, variables: {no_kvm: true}}\n")
        return lab

    def test_a_real_guest_runs_for_the_server(self):
        number = self.server.submit(GUEST_JOB.replace("URL", self.files.url))
        done = self.server.wait(number, seconds=400)
        self.assertEqual(done["health"], "Complete", self.server.log_lines(number)[-8:])
        tests = self.server.get(f"/api/v0.2/jobs/{number}/tests/").json()["results"]
        self.assertEqual([test["result"] for test in tests if test["name"] in ("kernel", "proc")], ["pass", "pass"])
        lines = self.server.log_lines(number)
        self.assertTrue(any('"lvl": "target"' in line and "Linux version" in line for line in lines))
        self.assertEqual([json.loads(line[2:])["msg"] for line in lines],
                         [json.loads(line[2:])["msg"] for line in self.lab.log_lines(1)])


if __name__ == "__main__":
    unittest.main()
