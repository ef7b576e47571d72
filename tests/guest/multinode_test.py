#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Multinode jobs on real guests below the real daemon: they meet, exchange data, and outlive the daemon's death."""

import argparse
import json
import os
import pathlib
import re
import signal
import sys
import unittest

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
from lab import FileServer, Lab, processes_of  # noqa: E402

RECORDED = (ROOT / "tests/compat/golden/g-multinode/job.yaml").read_text()
RECORDED_URL = "http://127.0.0.1:18099"
# What LAVA 2023.01 reported for the recorded job, but for suite lava.
RECORDED_CASES = {
    "server": ["server-up", "multinode-sync-ready", "multinode-send-hello", "multinode-wait-answer",
               "multinode-wait_all-done", "server-end"],
    "client": ["client-up", "multinode-sync-ready", "multinode-wait-hello", "multinode-send-answer",
               "multinode-send-done", "client-end"],
}


class GroupsOfGuests(unittest.TestCase):
    CONFIG = "allowed_url_networks: [loopback]\n"

    def setUp(self):
        self.files = FileServer(arguments.guest)
        self.addCleanup(self.files.close)
        self.lab = Lab(arguments.programs, self.CONFIG)
        self.addCleanup(self.lab.close)
        self.lab.start()
        self.lab.add_user()

    def submit(self, steps=None, change=None):
        """The recorded job, with other steps for its roles when given, and changed by a function; its sub ids."""
        job = yaml.safe_load(RECORDED.replace(RECORDED_URL, self.files.url))
        for action in job["actions"]:
            test = action.get("test")
            if test and steps:
                test["definitions"][0]["repository"]["run"]["steps"] = steps[test["role"][0]]
        if change:
            change(job, job["protocols"]["lava-multinode"])
        return self.lab.submit(yaml.safe_dump(job, sort_keys=False))

    def said(self, part):
        """What the console of the part showed."""
        lines = [yaml.safe_load(line)[0] for line in self.lab.log_lines(part)]
        return [line["msg"] for line in lines if line["lvl"] == "target"]

    def cases(self, part, suite):
        tests = self.lab.get("/api/v0.2/jobs/%s/tests/?limit=100" % part).json()["results"]
        suites = {s["id"]: s["name"] for s in self.lab.get("/api/v0.2/jobs/%s/suites/" % part).json()["results"]}
        return [test["name"] + ("" if test["result"] == "pass" else " " + test["result"])
                for test in tests if suites[test["suite"]] == suite]

    def runner_of(self, part):
        """The process that runs this part: its lease says so."""
        job = self.lab.job(part)["id"]
        for folder in (self.lab.state / "leases").iterdir():
            lease = folder / "lease.json"
            if lease.exists() and json.loads(lease.read_text())["job"] == job:
                for pid in processes_of(folder):
                    if b"patchbay-runner" in pathlib.Path("/proc/%d/cmdline" % pid).read_bytes().split(b"\0")[0]:
                        return pid
        raise RuntimeError("nobody runs %s" % part)

    def expect_devices_given_back(self):
        for device in self.lab.get("/api/v0.2/devices/").json()["results"]:
            self.assertEqual(device["state"], "Idle", device["hostname"])

    def expect_complete(self, parts):
        for part in parts:
            job = self.lab.wait(part)
            self.assertEqual(job["health"], "Complete", "\n".join(self.lab.log_lines(part)[-40:]))


class Pair(GroupsOfGuests):
    """Two guests."""

    def test_the_recorded_group_does_what_it_did_in_lava(self):
        server, client = self.submit()
        self.expect_complete([server, client])
        self.assertEqual(self.cases(server, "0_mn-server"), RECORDED_CASES["server"])
        self.assertEqual(self.cases(client, "0_mn-client"), RECORDED_CASES["client"])
        first = int(server.split(".")[0])
        console = self.said(server)
        self.assertIn(str(first), console)  # lava-self
        self.assertIn("\t%d\tclient" % (first + 1), console)  # lava-group
        self.assertIn("%d:text=fine" % (first + 1), console)  # the file with what the client answered
        self.assertIn("%d:ip=192.0.2.1" % first, self.said(client))
        self.assertIn("%d:port=8080" % first, self.said(client))
        devices = {self.lab.job(part)["actual_device"] for part in (server, client)}
        self.assertEqual(len(devices), 2)
        levels = [yaml.safe_load(line)[0]["msg"] for line in self.lab.log_lines(server)]
        self.assertTrue(any(re.match(r"start: 3 multinode-test ", str(line)) for line in levels))

    def test_a_daemon_that_dies_in_the_middle_loses_no_call(self):
        server, client = self.submit({
            "server": ["lava-sync ready", "sleep 3", "lava-send hello text=through", "lava-wait answer"],
            "client": ["lava-sync ready", "lava-wait hello", "cat /tmp/lava_multi_node_cache.txt",
                       "lava-send answer"]})
        self.lab.wait_for_line(client, "Received Multi_Node API <LAVA_WAIT>")
        self.lab.kill()  # the client waits; the server sends while nobody hears
        self.lab.start()
        self.expect_complete([server, client])
        self.assertIn("%s:text=through" % server.split(".")[0], self.said(client))
        self.assertEqual(self.cases(client, "0_mn-client"),
                         ["multinode-sync-ready", "multinode-wait-hello", "multinode-send-answer"])

    def test_what_is_too_long_for_a_line_of_the_console_arrives(self):
        server, client = self.submit({
            "server": ["x=$(printf '%01500d' 7)", "lava-send big a=$x b=$x c=$x 'd=at 12:30 o clock'"],
            "client": ["lava-wait big", "wc -c < /tmp/lava_multi_node_cache.txt",
                       "grep -c ':[abc]=0*7$' /tmp/lava_multi_node_cache.txt",
                       "grep 12:30 /tmp/lava_multi_node_cache.txt"]})
        self.expect_complete([server, client])
        console = self.said(client)
        self.assertIn("3", console)
        self.assertIn("%s:d=at 12:30 o clock" % server.split(".")[0], console)


    def test_who_cancels_one_cancels_all_and_what_was_found_stays(self):
        server, client = self.submit({
            "server": ["lava-test-case before --result pass", "lava-sync ready", "lava-wait never"],
            "client": ["lava-test-case before --result pass", "lava-sync ready", "lava-wait never"]})
        for part in (server, client):
            self.lab.wait_for_line(part, "Received Multi_Node API <LAVA_WAIT>")
        self.assertEqual(self.lab.get("/api/v0.2/jobs/%s/cancel/" % client).status, 200)
        for part in (server, client):
            self.assertEqual(self.lab.wait(part)["health"], "Canceled")
        self.assertEqual(self.cases(server, "0_mn-server"), ["before", "multinode-sync-ready"])
        self.assertEqual(self.cases(client, "0_mn-client"), ["before", "multinode-sync-ready"])
        self.expect_devices_given_back()

    def test_a_runner_that_dies_leaves_the_others_to_their_time_out(self):
        def short(job, multinode):
            multinode["timeout"] = {"seconds": 10}
        server, client = self.submit({
            "server": ["sleep 600"],
            "client": ["lava-wait-all answer server", "lava-test-case after --result pass"]}, short)
        self.lab.wait_for_line(server, "<LAVA_SIGNAL_STARTRUN")
        self.lab.wait_for_line(client, "Received Multi_Node API <LAVA_WAIT_ALL>")
        os.kill(self.runner_of(server), signal.SIGKILL)
        dead = self.lab.wait(server)
        self.assertEqual(dead["health"], "Incomplete")
        ends = [yaml.safe_load(line)[0] for line in self.lab.log_lines(server)]
        self.assertIn("Infrastructure", [line["msg"].get("error_type") for line in ends if line["lvl"] == "results"])
        # As in LAVA: the call fails and ends the test, not the job.
        self.assertEqual(self.lab.wait(client)["health"], "Complete")
        self.assertEqual(self.cases(client, "0_mn-client"), ["multinode-wait_all-answer fail"])
        self.expect_devices_given_back()

    def test_a_group_does_not_outlive_its_essential_member(self):
        def essential(job, multinode):
            multinode["roles"]["server"]["essential"] = True
        server, client = self.submit({"server": ["lava-sync ready", "lava-wait never"],
                                      "client": ["lava-sync ready", "lava-wait never"]}, essential)
        self.lab.wait_for_line(client, "Received Multi_Node API <LAVA_WAIT>")
        os.kill(self.runner_of(server), signal.SIGKILL)
        self.assertEqual(self.lab.wait(server)["health"], "Incomplete")
        self.assertEqual(self.lab.wait(client)["health"], "Canceled")
        self.expect_devices_given_back()


class Trio(GroupsOfGuests):
    """Three guests of two roles."""

    CONFIG = "allowed_url_networks: [loopback]\ndevices: [{name: qemu, count: 3}]\n"

    def test_a_server_and_two_clients(self):
        def two_clients(job, multinode):
            multinode["roles"]["client"]["count"] = 2
        server, first, second = parts = self.submit({
            "server": ["lava-role list", "echo \"clients: $(lava-group client | tr '\\n' ' ')\"", "lava-sync up",
                       "lava-send address 'name=the server' port=80", "lava-wait-all answer client",
                       "sort /tmp/lava_multi_node_cache.txt", "lava-sync down"],
            "client": ["echo \"I am $(lava-self), a $(lava-role)\"", "lava-sync up", "lava-wait address",
                       "cat /tmp/lava_multi_node_cache.txt", "lava-send answer from=$(lava-self)",
                       "lava-sync down"]}, two_clients)
        self.expect_complete(parts)
        number = int(server.split(".")[0])
        said = self.said(server)
        self.assertIn("clients: %d %d " % (number + 1, number + 2), said)
        self.assertEqual([line for line in said if line in ("server", "client")], ["server", "client", "client"])
        self.assertIn("%d:from=%d" % (number + 1, number + 1), said)
        self.assertIn("%d:from=%d" % (number + 2, number + 2), said)
        for part, own in ((first, number + 1), (second, number + 2)):
            self.assertIn("I am %d, a client" % own, self.said(part))
            self.assertIn("%d:name=the server" % number, self.said(part))
            self.assertIn("%d:port=80" % number, self.said(part))
            self.assertEqual(self.cases(part, "0_mn-client"),
                             ["multinode-sync-up", "multinode-wait-address", "multinode-send-answer",
                              "multinode-sync-down"])
        self.assertEqual(self.cases(server, "0_mn-server"),
                         ["multinode-sync-up", "multinode-send-address", "multinode-wait_all-answer",
                          "multinode-sync-down"])
        self.assertEqual(len({self.lab.job(part)["actual_device"] for part in parts}), 3)

    def test_clients_that_begin_when_the_server_says_so(self):
        def delayed(job, multinode):
            multinode["roles"]["client"].update(count=2, request="lava-start", host_role="server", expect_role="server")
            boots = [action["boot"] for action in job["actions"] if "boot" in action]
            own = dict(boots[0], role=["server"], protocols={"lava-multinode": [
                {"action": "execute-qemu", "request": "lava-send", "messageID": "boots", "message": {"who": "server"}}]})
            boots[0]["role"] = ["client"]
            boots[0]["protocols"] = {"lava-multinode": [
                {"action": "execute-qemu", "request": "lava-wait", "messageID": "boots", "message": {"name": "$who"}}]}
            job["actions"].insert(2, {"boot": own})
        server, first, second = parts = self.submit({
            "server": ["lava-test-case up --result pass", "lava-send lava_start", "lava-sync down"],
            "client": ["lava-sync down"]}, delayed)
        self.expect_complete(parts)
        for part in (first, second):
            lines = [str(yaml.safe_load(line)[0]["msg"]) for line in self.lab.log_lines(part)]
            self.assertIn("lava-multinode protocol initialised - start is delayed by up to 180 seconds", lines)
            self.assertIn("Setting namespace data key boots to {'name': 'server'}", lines)
            # The server was up before this one began.
            self.assertGreater(self.time_of(part, "start: 1 "), self.time_of(server, "<LAVA_SIGNAL_TESTCASE"))

    def time_of(self, part, text):
        lines = [yaml.safe_load(line)[0] for line in self.lab.log_lines(part)]
        return next(line["dt"] for line in lines if text in str(line["msg"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="folder of patchbayd and patchbay-runner")
    parser.add_argument("--guest", default=os.environ.get("PATCHBAY_GUEST"), help="folder made by scripts/make-guest")
    arguments, rest = parser.parse_known_args()
    if not arguments.guest or not (pathlib.Path(arguments.guest) / "vmlinuz").exists():
        print("SKIPPED: no guest; run scripts/make-guest DIR and set PATCHBAY_GUEST=DIR")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
