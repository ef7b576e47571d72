#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""patchbayd as a worker of a LAVA server: real daemon, runners and driver, a server that fails as the test says."""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from authority import Authority  # noqa: E402
from fast_lab import FastLab  # noqa: E402
from scripted_lava import WORKER_TOKEN, ScriptedLava  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class AttachTest(unittest.TestCase):
    def setUp(self):
        self.server = ScriptedLava()
        self.addCleanup(self.server.stop)

    def make_lab(self, devices=1, mapped=None, user="guest", more="", start=True, **keys):
        lab = FastLab(PROGRAMS, devices=devices)
        self.addCleanup(lab.close)
        token = lab.state / "worker.token"
        token.write_text(WORKER_TOKEN + "\n")
        names = ["qemu"] if devices == 1 else [f"qemu-{number:02}" for number in range(1, devices + 1)]
        mapped = mapped or {f"board-{number}": name for number, name in enumerate(names, 1)}
        attach = {"name": "bench", "server": self.server.url, "token_file": str(token), "user": user,
                  "devices": mapped, "interval": "1s", **keys}
        lab.plain = lab.config.read_text().replace("- {name: qemu, count: 1}", "- {name: qemu}") + more
        lab.config.write_text(lab.plain + "attach: " + json.dumps([attach]) + "\n")
        lab.add_user()
        lab.add_user("guest", superuser=False)
        if start:
            lab.start()
        return lab

    @staticmethod
    def log_of(lab):
        return (lab.state / "patchbayd.log").read_text()

    def our_job(self, lab, number=1):
        """Ours of the server's job `number`, when it is here."""
        said = f"remote_job={number} job="
        self.server.wait(lambda: said in self.log_of(lab))
        return int(self.log_of(lab).rsplit(said, 1)[1].split()[0])

    def expect_whole(self, lab, remote, ours):
        """The server has the log that we have, each line once, and heard of one end."""
        job = self.server.jobs[remote]
        self.assertEqual(job["lines"], lab.log_lines(ours))
        self.assertEqual(len(job["ends"]), 1, job["ends"])

    def test_a_job_runs_here_and_the_server_has_its_log_and_its_end(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.cases=2", name="from afar"))
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        ours = self.our_job(lab)
        self.expect_whole(lab, number, ours)
        self.assertEqual(self.server.jobs[number]["states"], ["RUNNING", "FINISHED"])
        job = lab.job(ours)
        self.assertEqual((job["submitter"], job["actual_device"], job["description"], job["priority"]),
                         ("guest", "qemu", "from afar", 0))
        text = "\n".join(self.server.jobs[number]["lines"])
        self.assertIn(f"job 1 of {self.server.url} for its device board-1, which is qemu here", text)
        results = [line["msg"] for line in map(lambda line: json.loads(line[2:]), self.server.jobs[number]["lines"])
                   if line["lvl"] == "results"]
        self.assertEqual([result["result"] for result in results if result["case"] == "case_1"], ["pass"])
        self.assertNotIn("SECRET_OF_THE_SERVER", text)
        asked = self.server.requests
        self.assertEqual(asked[0]["line"], "GET /scheduler/internal/v1/workers/bench/?version=2023.01")
        self.assertEqual(asked[0]["headers"]["User-Agent"], "lava-worker 2023.01")
        self.assertEqual({r["headers"]["User-Agent"] for r in asked if "/logs/" in r["line"]}, {"lava 2023.01"})
        log = self.log_of(lab)
        self.assertNotIn(WORKER_TOKEN, log)
        self.assertNotIn(self.server.jobs[number]["token"], log)

    def test_whatever_a_request_meets_the_log_is_whole_and_the_end_comes_once(self):
        lab = self.make_lab()
        for words, kinds in (("/workers/", ("reset", "huge", "no json")),
                             ("GET /scheduler/internal/v1/jobs/", ("500", "404", "huge", "no json", "reset")),
                             ("RUNNING", ("404", "elsewhere")),
                             ("/logs/", ("lost", "404", "no json")),
                             ("FINISHED", ("503", "reset"))):
            for kind in kinds:
                self.server.fail(words, kind)
        number = self.server.add_job(lab.fast_job("fast.cases=2"))
        self.assertEqual(self.server.wait_for_end(number, 120), ("pass", "", ""))
        self.expect_whole(lab, number, self.our_job(lab, number))
        self.assertEqual([fault.words for fault in self.server.faults if fault.times], [])
        self.assertEqual(self.server.count("/elsewhere"), 0, "a token goes nowhere else")

    def test_a_server_that_takes_few_lines_at_once_gets_them_all(self):
        self.server.most_lines = 7
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.lines=100"))
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        self.expect_whole(lab, number, self.our_job(lab))

    def test_an_answer_that_is_lost_repeats_nothing(self):
        lab = self.make_lab()
        for words in ("RUNNING", "/logs/", "FINISHED"):
            self.server.fail(words, "lost")
        number = self.server.add_job(lab.fast_job("fast.cases=1"))
        self.server.wait(lambda: len(self.server.jobs[number]["ends"]) == 2)
        self.assertEqual(self.server.jobs[number]["lines"], lab.log_lines(self.our_job(lab)))
        self.server.wait_for_pings(4)
        self.assertEqual(len(self.server.jobs[number]["ends"]), 2)

    def test_an_empty_answer_cancels_nothing(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.silent"))
        self.server.wait(lambda: self.server.jobs[number]["state"] == "Running")
        self.server.fail("/workers/", "empty", 4)
        self.server.wait(lambda: not any(fault.times for fault in self.server.faults))
        self.server.wait_for_pings(1)
        self.assertEqual(lab.job(self.our_job(lab))["state"], "Running")
        self.server.cancel(number)
        self.assertEqual(self.server.wait_for_end(number)[:2], ("fail", "Canceled"))
        self.assertEqual(lab.job(self.our_job(lab))["health"], "Canceled")

    def test_own_work_goes_first_and_the_server_sees_that_its_job_waits(self):
        lab = self.make_lab()
        own = lab.submit(lab.fast_job("fast.silent", name="own"))
        lab.wait(own, states=("Running",))
        number = self.server.add_job(lab.fast_job("fast.cases=1"))
        ours = self.our_job(lab)
        next_own = lab.submit(lab.fast_job("fast.cases=1", name="next own"))
        self.server.wait_for_pings(2)
        self.assertEqual((lab.job(ours)["state"], self.server.jobs[number]["state"]), ("Submitted", "Scheduled"))
        self.assertEqual(self.server.count("GET /scheduler/internal/v1/jobs/"), 1, "it is fetched once")
        lab.get(f"/api/v0.2/jobs/{own}/cancel/")
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        self.assertLess(lab.job(next_own)["start_time"], lab.job(ours)["start_time"])
        self.expect_whole(lab, number, ours)

    def test_a_job_that_waits_is_cancelled_at_the_server(self):
        lab = self.make_lab()
        own = lab.submit(lab.fast_job("fast.silent", name="own"))
        lab.wait(own, states=("Running",))
        number = self.server.add_job(lab.fast_job("fast.cases=1"))
        ours = self.our_job(lab)
        self.server.cancel(number)
        self.assertEqual(self.server.wait_for_end(number)[:2], ("fail", "Canceled"))
        self.assertEqual(lab.job(ours)["health"], "Canceled")
        self.assertEqual(self.server.jobs[number]["states"], ["FINISHED"])
        self.assertEqual(lab.job(own)["state"], "Running")
        gone = self.server.add_job(lab.fast_job("fast.cases=1"))
        ours = self.our_job(lab, gone)
        with self.server.changed:
            kept = self.server.jobs.pop(gone)
        self.assertEqual(lab.wait(ours)["health"], "Canceled")
        self.assertIn("No longer at bench", lab.job(ours)["failure_comment"] or "\n".join(lab.log_lines(ours)))
        self.assertEqual(kept["ends"], [])
        unknown = self.server.add_job(lab.fast_job("fast.cases=1"), number=77)
        self.server.cancel(unknown)
        self.assertEqual(self.server.wait_for_end(unknown)[:2], ("fail", "Bug"))

    def test_a_job_that_is_cancelled_here_ends_there(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.silent"))
        self.server.wait(lambda: self.server.jobs[number]["state"] == "Running")
        ours = self.our_job(lab)
        lab.get(f"/api/v0.2/jobs/{ours}/cancel/")
        self.assertEqual(self.server.wait_for_end(number)[:2], ("fail", "Canceled"))
        self.expect_whole(lab, number, ours)

    def test_what_cannot_run_here_ends_there_with_the_reason(self):
        lab = self.make_lab(devices=2)
        good = lab.fast_job("fast.cases=1")
        for definition, device, error_type, words in (
                ("{", "board-1", "Job", "Loading job submission failed"),
                ("a: &a [*a]\n", "board-1", "Job", "Loading job submission failed"),
                ("[]", "board-1", "Job", "it is no mapping"),
                (good + "protocols: {lava-multinode: {roles: {}}}\n", "board-1", "Job", "it runs on one device"),
                (good.replace("job_name", "name"), "board-1", "Job", "it has no job_name"),
                (good, "board-9", "Configuration", "device 'board-9' is not among the devices of attachment bench"),
                (good, None, "Configuration", "give each of them a worker of its own")):
            number = self.server.add_job(definition, device)
            result, error, reason = self.server.wait_for_end(number)
            self.assertEqual((result, error), ("fail", error_type), reason)
            self.assertIn(words, reason)
            self.expect_whole(lab, number, self.our_job(lab, number))
            self.assertIn(f'"error_type": "{error_type}"', self.server.jobs[number]["lines"][-1])
            self.assertEqual(lab.job(self.our_job(lab, number))["health"], "Incomplete")

    def test_a_server_that_names_no_device_means_the_only_one(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.cases=1"), device=None)
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))

    def test_each_job_goes_to_its_device(self):
        lab = self.make_lab(devices=3)
        for board, named in (("board-3", True), ("board-2", True), ("board-3", False)):
            self.server.shown = {len(self.server.jobs) + 1: board}  # to everybody; LAVA 2023.01 does not tell it with the job
            number = self.server.add_job(lab.fast_job("fast.cases=1"), board if named else None)
            self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
            self.assertEqual(lab.job(self.our_job(lab, number))["actual_device"], "qemu-0" + board[-1])

    def test_secrets_stay_with_the_user_and_nobody_is_told_twice(self):
        lab = self.make_lab()
        hook = self.server.url + "/hook"
        notify = f"notify: {{criteria: {{status: all}}, callback: {{url: '{hook}', method: GET}}}}\n"
        secret = self.server.add_job(lab.fast_job("fast.cases=1") + notify + "secrets: {API_KEY: shibboleth}\n")
        self.server.wait_for_end(secret)
        ours = self.our_job(lab, secret)
        self.assertEqual(lab.get(f"/api/v0.2/jobs/{ours}/", token=None).status, 404)
        header = lab.fast_job("fast.cases=1").replace("url: file:", "headers: {PRIVATE-TOKEN: shibboleth}\n        url: file:")
        with_header = self.server.add_job(header)
        self.server.wait_for_end(with_header)
        self.assertEqual(lab.get(f"/api/v0.2/jobs/{self.our_job(lab, with_header)}/", token=None).status, 404)
        open_job = self.server.add_job(lab.fast_job("fast.cases=1"))
        self.server.wait_for_end(open_job)
        self.assertEqual(lab.get(f"/api/v0.2/jobs/{self.our_job(lab, open_job)}/", token=None).status, 200)
        self.assertEqual(lab.get(f"/api/v0.2/jobs/{ours}/notifications/").json()["results"], [])
        self.assertEqual(self.server.count("/hook"), 0)

    def test_a_daemon_that_is_killed_goes_on_where_it_was(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.lines=400 fast.spread=6000 fast.cases=3"))
        self.server.wait(lambda: any("console line 5 of" in line for line in self.server.jobs[number]["lines"]))
        for _ in range(2):
            lab.kill()
            lab.start()
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        self.expect_whole(lab, number, self.our_job(lab))
        self.server.wait(lambda: "job of a server ended" in self.log_of(lab))  # it has noted that
        lab.kill()
        lab.start()
        self.server.wait_for_pings(4)
        self.expect_whole(lab, number, 1)
        self.assertEqual(lab.get("/api/v0.2/jobs/").json()["count"], 1)

    def test_a_server_that_is_away_hears_everything_later(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.lines=200 fast.spread=2000"))
        self.server.wait(lambda: self.server.jobs[number]["state"] == "Running")
        ours = self.our_job(lab)
        self.server.stop()
        self.assertEqual(lab.wait(ours)["health"], "Complete")
        lab.kill()
        lab.start()
        self.server.start()
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        self.expect_whole(lab, number, ours)

    def test_a_server_that_has_forgotten_is_told_again(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.lines=100 fast.spread=1000"))
        self.server.wait(lambda: self.server.jobs[number]["state"] == "Running")
        before = self.server.snapshot()
        self.server.wait_for_end(number)
        self.assertEqual(before[number]["states"], ["RUNNING"])
        self.server.restore(before)
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        self.expect_whole(lab, number, self.our_job(lab))
        self.server.restore({})
        again = self.server.add_job(lab.fast_job(name="counted anew"), number=number, token="another-token")
        self.server.wait_for_end(again)
        jobs = lab.get("/api/v0.2/jobs/").json()["results"]
        self.assertEqual(sorted(job["description"] for job in jobs), ["counted anew", "fast"])

    def test_a_server_that_gives_a_job_another_token_gets_the_same_job(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.lines=300 fast.spread=4000 fast.cases=1"))
        self.server.wait(lambda: any("console line" in line for line in self.server.jobs[number]["lines"]))
        with self.server.changed:
            self.server.jobs[number]["token"] = "another-token"
        self.assertEqual(self.server.wait_for_end(number), ("pass", "", ""))
        self.expect_whole(lab, number, 1)
        self.assertEqual(lab.get("/api/v0.2/jobs/").json()["count"], 1)
        number = self.server.add_job(lab.fast_job("fast.silent"))
        self.server.wait(lambda: self.server.jobs[number]["state"] == "Running")
        with self.server.changed:
            self.server.jobs[number].update(token="a-third-token", state="Canceling")
        self.assertEqual(self.server.wait_for_end(number)[:2], ("fail", "Canceled"))

    def test_a_server_with_another_version_gets_it(self):
        self.server.version = "2026.07.1"
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.cases=1"))
        self.server.wait_for_end(number)
        self.assertEqual(self.server.requests[-1]["headers"]["User-Agent"].split()[1], "2026.07.1")

    def test_the_rules_of_sharing_hold_for_its_user(self):
        lab = self.make_lab(start=False, priority=80)
        rules = lab.state / "sharing.yaml"
        rules.write_text("rules:\n- {name: guests, users: [guest], max_priority: 30, max_job_time: 10m, max_queued: 1}\n")
        lab.config.write_text(lab.config.read_text() + f"sharing: {rules}\n")
        lab.start()
        own = lab.submit(lab.fast_job("fast.silent", name="own"))
        lab.wait(own, states=("Running",))
        long = self.server.add_job(lab.fast_job(minutes=30))
        self.assertEqual(self.server.wait_for_end(long)[:2], ("fail", "Job"))
        self.assertIn("max_job_time of rule 'guests' allows 10min", self.server.jobs[long]["ends"][0][2])
        first, second = self.server.add_job(lab.fast_job("fast.cases=1")), self.server.add_job(lab.fast_job("fast.cases=1"))
        self.server.wait(lambda: "job of a server not taken yet" in self.log_of(lab))
        self.assertIn("submit again when some have begun", self.log_of(lab))
        lab.get(f"/api/v0.2/jobs/{own}/cancel/")
        self.server.wait_for_end(first)
        self.server.wait_for_end(second)
        self.assertEqual(lab.job(self.our_job(lab, first))["priority"], 30)

    def test_one_that_is_stopped_for_others_has_one_verdict_at_the_server(self):
        lab = self.make_lab(start=False)
        rules = lab.state / "sharing.yaml"
        rules.write_text("rules:\n- {name: guests, users: [guest], preemptible: {after: 1s, attempts: 2}}\n")
        lab.config.write_text(lab.config.read_text() + f"sharing: {rules}\n")
        lab.start()
        number = self.server.add_job(lab.fast_job("fast.lines=300 fast.spread=5000 fast.cases=1"))
        self.server.wait(lambda: any("console line" in line for line in self.server.jobs[number]["lines"]))
        own = lab.submit(lab.fast_job("fast.cases=1", name="own"))
        self.assertEqual(lab.wait(own)["health"], "Complete")
        self.assertEqual(self.server.wait_for_end(number, 180), ("pass", "", ""))
        theirs, ours = self.server.jobs[number]["lines"], lab.log_lines(self.our_job(lab))
        self.assertEqual(len(theirs), len(ours))
        verdicts = [line for line in theirs if '"lvl": "results"' in line and '"case": "job"' in line]
        self.assertEqual(len(verdicts), 1)
        self.assertIn('"result": "pass"', verdicts[0])
        self.assertEqual(self.server.jobs[number]["states"], ["RUNNING", "FINISHED"])

    def test_a_server_that_sends_no_end_of_jobs_fills_no_queue(self):
        lab = self.make_lab()
        own = lab.submit(lab.fast_job("fast.silent", name="own"))
        lab.wait(own, states=("Running",))
        for _ in range(30):
            self.server.add_job(lab.fast_job("fast.cases=1"))
        self.server.wait_for_pings(4)
        self.assertEqual(lab.get("/api/v0.2/jobs/?state=Submitted").json()["count"], 2)

    def test_jobs_of_a_server_that_is_not_configured_any_more_are_cancelled(self):
        lab = self.make_lab()
        number = self.server.add_job(lab.fast_job("fast.silent"))
        self.server.wait(lambda: self.server.jobs[number]["state"] == "Running")
        ours = self.our_job(lab)
        lab.kill(signal.SIGTERM)
        lab.config.write_text(lab.plain)
        lab.start()
        self.assertEqual(lab.wait(ours)["health"], "Canceled")
        self.assertEqual(self.server.jobs[number]["ends"], [])

    def test_a_server_that_never_answers_holds_up_no_end_of_the_daemon(self):
        lab = self.make_lab(start=False)
        self.server.fail("/workers/", "silent", 100)
        lab.start()
        self.server.wait(lambda: self.server.requests)
        lab.kill(signal.SIGTERM)
        self.assertEqual(lab.daemon.returncode, 0)
        self.assertFalse(self.server.released.is_set(), "it was still silent")

    def test_a_server_whose_certificate_is_not_verified_gets_no_token(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-authority-"))
        self.addCleanup(shutil.rmtree, folder)
        authority = Authority(folder)
        authority.sign(serial=7)
        self.server.stop()
        self.server.tls = (folder / "lab.pem", folder / "lab.key")
        self.server.start()
        number = self.server.add_job("")
        lab = self.make_lab()
        end = time.monotonic() + 60
        while "certificate" not in self.log_of(lab):
            self.assertLess(time.monotonic(), end, self.log_of(lab))
            time.sleep(0.02)
        self.assertEqual(self.server.requests, [])
        lab.kill()
        lab.environment["SSL_CERT_FILE"] = str(authority.file)
        lab.start()
        self.assertEqual(self.server.wait_for_end(number)[1], "Job")
        self.assertNotIn("in the clear", self.log_of(lab))

    def test_mistakes_of_the_configuration_are_named(self):
        lab = self.make_lab(start=False, user="nobody")
        with self.assertRaisesRegex(RuntimeError, "there is no user 'nobody'; `patchbayd user add nobody` makes it"):
            lab.start()
        (lab.state / "worker.token").unlink()
        self.expect_refusal(lab, "worker.token")
        lab.config.write_text(lab.plain + "attach: [{name: a b, server: lava.example.com, token_file: x, user: u, "
                                          "devices: {board: no-such}, interval: 0}]\n")
        for words in ("must be letters, digits", "must begin with https://", "the lab has no device 'no-such'",
                      "must be at least a second"):
            self.expect_refusal(lab, words)

    def expect_refusal(self, lab, words):
        done = subprocess.run(lab.command("check"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
