#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The lavacli of Debian, as it is, against the whole lab: real daemon and runners, machines that are up at once.
What it prints is compared with what it printed for a LAVA 2023.01."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from fast_lab import FastLab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))
NOW = "20[0-9]{6}T[0-9:]{8}"


class Lavacli(unittest.TestCase):
    """One lab for the tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.lab = FastLab(PROGRAMS, more="device_types: {qemu: {aliases: [virtual], disable_health_check: true}}\n")
        cls.addClassCleanup(cls.lab.close)
        cls.lab.start()
        token = cls.lab.add_user()
        cls.config = {"default": {"uri": cls.lab.url + "/RPC2", "username": "admin", "token": token, "timeout": 120},
                      "joe": {"uri": cls.lab.url + "/RPC2/", "username": "joe",
                              "token": cls.lab.add_user("joe", superuser=False), "timeout": 120},
                      "nobody": {"uri": cls.lab.url + "//RPC2", "timeout": 120},
                      "wrong": {"uri": cls.lab.url + "/RPC2", "username": "admin", "token": "0" * 40}}
        (cls.lab.state / "lavacli.yaml").write_text(yaml.safe_dump(cls.config))

    def run_lavacli(self, *arguments, who="default"):
        environment = dict(os.environ, XDG_CONFIG_HOME=str(self.lab.state), PYTHONWARNINGS="ignore")
        return subprocess.run(["lavacli", "--identity", who, *map(str, arguments)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300, check=False, cwd=self.lab.state,
                              env=environment)

    def lavacli(self, *arguments, who="default"):
        """What it prints when all goes well."""
        done = self.run_lavacli(*arguments, who=who)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def refusal(self, *arguments, who="default"):
        done = self.run_lavacli(*arguments, who=who)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stdout

    def job_file(self, arguments="", name="fast", change=lambda text: text):
        path = self.lab.state / f"{name}.yaml"
        path.write_text(change(self.lab.fast_job(arguments, name)))
        return path

    def submit(self, *arguments, **more):
        return int(self.lavacli("jobs", "submit", self.job_file(*arguments, **more)))


class LavacliTest(Lavacli):
    finished = None

    def finished_job(self):
        """One for all tests that only read."""
        if not LavacliTest.finished:
            LavacliTest.finished = self.submit("fast.cases=2", name="read")
            self.lab.wait(LavacliTest.finished)
        return LavacliTest.finished

    def test_the_server_and_who_asks(self):
        self.assertEqual(self.lavacli("system", "version"), "2023.01\n")
        self.assertEqual(self.lavacli("system", "api"), "2\n")
        self.assertEqual(self.lavacli("system", "whoami"), "admin\n")
        self.assertEqual(self.lavacli("system", "whoami", who="joe"), "joe\n")
        self.assertEqual(self.lavacli("system", "whoami", who="nobody"), "<AnonymousUser>\n")
        self.assertIn("401 Client Error: Unauthorized", self.refusal("system", "version", who="wrong"))
        methods = self.lavacli("system", "methods", "list").splitlines()
        self.assertEqual(methods, sorted(methods))
        self.assertIn("scheduler.jobs.submit", methods)
        self.assertEqual(self.lavacli("system", "methods", "signature", "scheduler.jobs.show"), "undef\n")
        self.assertEqual(self.lavacli("system", "methods", "help", "scheduler.jobs.logs"),
                         "scheduler.jobs.logs(job_id, start=0, end=None)\n")

    def test_run_submits_a_job_and_follows_its_log_to_the_end(self):
        out = self.lavacli("jobs", "run", "--polling", 1, self.job_file("fast.cases=3"))
        number = int(re.search(r"Job (\d+) submitted", out).group(1))
        job = self.lab.job(number)
        self.assertEqual((job["state"], job["health"]), ("Finished", "Complete"))
        for text in ("start: 0 validate", "case_0: OK", "case_2: OK", "'case': 'job'"):
            self.assertEqual(out.count(text), 1, text)
        self.assertEqual(len(out.splitlines()), 1 + len(self.lab.log_lines(number)))

    def test_a_multinode_job_is_called_by_its_sub_ids(self):
        job = yaml.safe_load(self.lab.fast_job("fast.cases=1", "group"))
        role = {"device_type": job.pop("device_type"), "count": 1, "context": job.pop("context")}
        job["protocols"] = {"lava-multinode": {"roles": {"server": role, "client": dict(role)}}}
        for action in job["actions"]:
            for body in action.values():
                body["role"] = ["server", "client"]
        path = self.lab.state / "group.yaml"
        path.write_text(yaml.safe_dump(job))
        ids = re.findall(r"\d+\.\d", self.lavacli("jobs", "submit", path))
        self.assertEqual([one.split(".")[1] for one in ids], ["0", "1"])
        for number, role in zip(ids, ("server", "client")):
            self.lab.wait(number)
            shown = self.lavacli("jobs", "show", number)
            self.assertIn(f"id          : {number}\n", shown)
            self.assertIn("Health      : Complete\n", shown)
            self.assertIn("lava-multinode", self.lavacli("jobs", "definition", number))
            self.assertIn("case_0: OK", self.lavacli("jobs", "logs", "--no-follow", number))
        self.assertIn("* fast.case_0 [pass]", self.lavacli("results", ids[1]))

    def test_a_job_is_shown_listed_and_read(self):
        number = self.finished_job()
        self.assertRegex(self.lavacli("jobs", "show", number), "^" + "\n".join([
            f"id          : {number}", "description : read", "submitter   : admin", "device-type : qemu",
            "device      : qemu-0[12]", "health-check: False", "state       : Finished", "Health      : Complete",
            "pipeline    : True", r"tags        : \[\]", "visibility  : Public", f"submit time : {NOW}",
            f"start time  : {NOW}", f"end time    : {NOW}"]))
        shown = json.loads(self.lavacli("jobs", "show", "--json", number))
        self.assertEqual((shown["state"], shown["health"]), ("Finished", "Complete"))
        self.assertRegex(shown["end_time"], NOW)
        line = f"* {number}: Finished,Complete [admin] (read) - qemu"
        self.assertIn(line, self.lavacli("jobs", "list", "--limit", 100).splitlines())
        self.assertIn(line, self.lavacli("jobs", "list", "--state", "FINISHED", "--health", "COMPLETE", "--since", 60,
                                         "--limit", 100).splitlines())
        self.assertNotIn(line, self.lavacli("jobs", "list", "--health", "INCOMPLETE"))
        verbose = json.loads(self.lavacli("jobs", "list", "--verbose", "--json", "--limit", 100))
        self.assertRegex(next(job for job in verbose if job["id"] == number)["actual_device"], "qemu-0[12]")
        self.assertIn(f"* {number}: Finished,Complete", self.lavacli("jobs", "list", "--verbose", "--limit", 100))
        self.assertEqual(self.lavacli("jobs", "definition", number), (self.lab.state / "read.yaml").read_text() + "\n")
        self.assertEqual(self.lavacli("jobs", "wait", number), "")

    def test_logs_come_whole_in_parts_and_filtered(self):
        number = self.finished_job()
        lines = self.lab.log_lines(number)
        raw = self.lavacli("jobs", "logs", "--raw", number).splitlines()
        self.assertEqual([yaml.safe_load(line) for line in raw], [yaml.safe_load(line) for line in lines])
        part = self.lavacli("jobs", "logs", "--raw", "--start", 2, "--end", 5, number).splitlines()
        self.assertEqual(part, raw[2:5])
        self.assertIn("case_1: OK", self.lavacli("jobs", "logs", "--filters", "target", number))

    def test_results_of_a_job_a_suite_and_a_case(self):
        number = self.finished_job()
        all_results = self.lavacli("results", number).splitlines()
        self.assertEqual(all_results[0], "Results:")
        for line in ("* lava.validate [pass]", "* lava.job [pass]", "* fast.case_0 [pass]", "* fast.case_1 [pass]"):
            self.assertIn(line, all_results)
        self.assertEqual(self.lavacli("results", number, "fast"),
                         "Results:\n* fast.case_0 [pass]\n* fast.case_1 [pass]\n")
        self.assertEqual(self.lavacli("results", number, "fast", "case_1"), "pass\n")
        case = json.loads(self.lavacli("results", "--json", number, "fast", "case_1"))[0]
        self.assertEqual((case["suite"], case["name"], case["result"], case["measurement"]),
                         ("fast", "case_1", "pass", "None"))
        self.assertIn("<Fault 404: 'Specified test suite not found.'>", self.refusal("results", number, "nope"))
        self.assertIn("<Fault 404: 'Specified job not found.'>", self.refusal("results", 999999))
        self.assertIn("<Fault 401:", self.refusal("results", number, who="nobody"))

    def test_a_running_job_is_canceled_by_its_submitter(self):
        number = self.submit("fast.silent", name="silent")
        self.lab.wait(number, states=("Running",))
        self.assertIn("<Fault 403: 'Permission denied.'>", self.lavacli("jobs", "cancel", number, who="joe"))
        self.assertEqual(self.lavacli("jobs", "cancel", number), "")
        self.assertRegex(self.lavacli("jobs", "wait", "--polling", 1, number), r"^((Running|Canceling)[.]*\n)*$")
        self.assertIn("Health      : Canceled", self.lavacli("jobs", "show", number))
        self.assertEqual(self.lavacli("jobs", "cancel", number), "", "a finished one, as in LAVA")
        again = int(self.lavacli("jobs", "resubmit", number))
        self.assertGreater(again, number)
        self.lavacli("jobs", "cancel", again)
        self.lab.wait(again)

    def test_what_is_wrong_with_a_job_is_printed(self):
        bad = self.job_file(name="bad", change=lambda text: text.replace("job_name: bad\n", ""))
        self.assertEqual(self.refusal("jobs", "validate", bad), "key: ['job_name']\nmsg: required key not provided\n")
        self.assertEqual(self.lavacli("jobs", "validate", self.job_file(name="good")), "")
        self.assertIn("<Fault 400: \"Problem with submitted job data: required key not provided @ data['job_name']\">",
                      self.lavacli("jobs", "submit", bad))
        self.assertIn("<Fault 401: 'Authentication with user and token required for this API.'>",
                      self.lavacli("jobs", "submit", self.job_file(name="good"), who="nobody"))
        self.assertEqual(self.refusal("jobs", "show", 999999),
                         "Unable to call 'jobs.show': <Fault 404: \"Job '999999' was not found.\">\n")

    def test_devices_and_their_types(self):
        self.assertRegex(self.lavacli("devices", "list"),
                         r"^Devices:\n\* qemu-01 \(qemu\): \w+,Good\n\* qemu-02 \(qemu\): \w+,Good\n$")
        self.assertRegex(self.lavacli("devices", "show", "qemu-01"), "^" + "\n".join([
            "name        : qemu-01", "device-type : qemu", r"state       : \w+", "health      : Good",
            r"health job  : (True|False)", "description : .*", "pipeline    : True", "device-dict : True", "worker      : .+",
            r"current job : (None|\d+)", r"tags        : \[.*\]"]) + "\n$")
        self.assertIn("extends 'qemu.jinja2'", self.lavacli("devices", "dict", "get", "qemu-01"))
        self.assertIn("driver: qemu", self.lavacli("devices", "dict", "get", "--render", "qemu-01"))
        self.assertEqual(self.lavacli("device-types", "list"), "Device-Types:\n* qemu (2)\n")
        self.assertIn("devices         : ['qemu-01', 'qemu-02']", self.lavacli("device-types", "show", "qemu"))
        self.assertEqual(self.lavacli("tags", "list"), "Tags:\n")
        worker = self.lavacli("workers", "list").splitlines()[1].removeprefix("* ")
        self.assertIn("devices     : qemu-01, qemu-02", self.lavacli("workers", "show", worker))
        self.lavacli("system", "export", "exported")
        exported = yaml.safe_load((self.lab.state / "exported" / "instance.yaml").read_text())
        self.assertEqual([device["hostname"] for device in exported["devices"]], ["qemu-01", "qemu-02"])


    def test_aliases_and_what_may_be_changed_about_types_and_tags(self):
        self.assertEqual(self.lavacli("aliases", "list"), "Aliases:\n* virtual\n", "the configuration's")
        self.assertEqual(self.lavacli("aliases", "add", "x86", "qemu"), "")
        self.assertEqual(self.lavacli("aliases", "show", "x86"), "name       : x86\ndevice-type: qemu\n")
        self.assertEqual(self.lavacli("device-types", "aliases", "add", "qemu", "pc"), "")
        self.assertEqual(self.lavacli("device-types", "aliases", "list", "qemu"), "Aliases:\n* pc\n* virtual\n* x86\n")
        number = self.submit(name="by-alias", change=lambda text: text.replace("device_type: qemu", "device_type: x86"))
        self.assertEqual(self.lab.wait(number)["requested_device_type"], "qemu")
        self.assertEqual(self.lavacli("device-types", "aliases", "delete", "qemu", "pc"), "")
        self.assertEqual(self.lavacli("aliases", "delete", "x86"), "")
        self.assertIn("change it there and restart patchbayd", self.refusal("aliases", "delete", "virtual"))
        self.assertIn("<Fault 403:", self.refusal("aliases", "add", "mine", "qemu", who="joe"))
        self.assertEqual(self.lavacli("device-types", "add", "toaster", "--description", "two slots"), "")
        self.assertEqual(self.lavacli("device-types", "update", "--hide", "--health-disabled", "toaster"), "")
        self.assertRegex(self.lavacli("device-types", "show", "toaster"),
                         r"description +: two slots\ndisplay +: False\nhealth disabled : True")
        self.assertEqual(self.lavacli("tags", "add", "--description", "has one", "relay"), "")
        self.assertEqual(self.lavacli("tags", "show", "relay"), "name       : relay\ndescription: has one\ndevices    :\n")
        self.assertEqual(self.lavacli("tags", "delete", "relay"), "")


    def test_tags_of_a_device_and_what_is_the_files(self):
        self.assertEqual(self.lavacli("devices", "tags", "add", "qemu-02", "relay"), "")
        self.assertEqual(self.lavacli("devices", "tags", "list", "qemu-02"), "Tags:\n* relay\n")
        self.assertEqual(self.lavacli("devices", "tags", "delete", "qemu-02", "relay"), "")
        self.assertEqual(self.lavacli("tags", "delete", "relay"), "")
        self.assertIn("(devices)", self.refusal("devices", "update", "--description", "mine", "qemu-01"))
        self.assertIn("(devices)", self.refusal("devices", "add", "--type", "qemu", "--worker", "here", "new"))

    def test_a_health_check_is_set_and_read(self):
        check = self.job_file("fast.cases=1", name="check")
        self.assertIn("does not have a health check", self.refusal("device-types", "health-check", "get", "qemu"))
        self.assertEqual(self.lavacli("device-types", "health-check", "set", "qemu", check), "")
        self.assertEqual(self.lavacli("device-types", "health-check", "get", "qemu"), check.read_text())
        self.assertIn("health job  : True", self.lavacli("devices", "show", "qemu-01"))
        bad = self.job_file(name="bad-check", change=lambda text: text.replace("visibility: public\n", ""))
        self.assertIn("cannot become a job: it has no visibility",
                      self.refusal("device-types", "health-check", "set", "qemu", bad))

    def test_a_template_is_set_and_read(self):
        self.assertEqual(self.lavacli("device-types", "add", "kettle"), "")
        broken = self.lab.state / "broken.jinja2"
        broken.write_text("commands:\n{% if %}\n")
        self.assertIn("kettle.jinja2:2: ", self.refusal("device-types", "template", "set", "kettle", broken))
        self.assertIn("Fault 404", self.refusal("device-types", "template", "get", "kettle"))
        good = self.lab.state / "good.jinja2"
        good.write_text("{% extends 'base.jinja2' %}\n")
        self.assertEqual(self.lavacli("device-types", "template", "set", "kettle", good), "")
        self.assertEqual(self.lavacli("device-types", "template", "get", "kettle"), good.read_text())
        self.assertEqual(self.lavacli("device-types", "update", "--hide", "kettle"), "")


class MaintenanceTest(Lavacli):
    """A lab of its own."""

    def test_jobs_wait_while_the_devices_are_in_maintenance(self):
        self.assertIn("\"User 'joe' needs admin permission on device qemu-01.\"",
                      self.refusal("devices", "maintenance", "qemu-01", who="joe"))
        for device in ("qemu-01", "qemu-02"):
            self.assertEqual(self.lavacli("devices", "maintenance", device), "")
        number = self.submit(name="waits")
        self.assertEqual(self.lavacli("jobs", "queue"), f"Jobs (from 1 to 25):\n* {number}: admin (waits) - qemu\n")
        self.lavacli("jobs", "cancel", number)
        self.assertEqual(self.lavacli("jobs", "queue", "qemu"), "Jobs (from 1 to 25):\n")
        self.assertEqual(self.lavacli("devices", "update", "--health", "GOOD", "qemu-01"), "")
        self.assertIn("health      : Good", self.lavacli("devices", "show", "qemu-01"))
        self.assertIn("health      : Maintenance", self.lavacli("devices", "show", "qemu-02"))

    def test_jobs_wait_while_the_worker_is_in_maintenance(self):
        worker = self.lavacli("workers", "list").splitlines()[1].removeprefix("* ")
        self.assertEqual(self.lavacli("workers", "update", "--description", "under the desk", "--job-limit", 1, worker), "")
        self.assertIn("<Fault 403:", self.refusal("workers", "maintenance", worker, who="joe"))
        running = self.submit("fast.silent", name="silent")
        self.lab.wait(running, states=("Running",))
        self.assertEqual(self.lavacli("workers", "maintenance", "--no-wait", worker), "")
        self.assertRegex(self.lavacli("workers", "show", worker),
                         r"description : under the desk\nstate       : Online\nhealth      : Maintenance")
        number = self.submit(name="waits")
        self.assertRegex(self.lavacli("workers", "maintenance", "--force", worker), "-> waiting for job .*\n--> canceling")
        self.assertEqual(self.lab.job(running)["health"], "Canceled")
        self.assertEqual(self.lab.job(number)["state"], "Submitted")
        self.assertEqual(self.lavacli("system", "active"), f"Activate workers:\n* {worker}\n")
        self.lab.wait(number)
        self.assertIn("does not have a dispatcher configuration", self.refusal("workers", "config", "get", worker))
        self.assertEqual(self.lavacli("workers", "add", "other"), "")
        self.assertIn("other", self.lavacli("workers", "list"))


if __name__ == "__main__":
    unittest.main()
