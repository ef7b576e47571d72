#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Multinode jobs on real guests below the real daemon: they meet, exchange data, and outlive the daemon's death."""

import argparse
import os
import pathlib
import re
import sys
import unittest

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
from lab import FileServer, Lab  # noqa: E402

RECORDED = (ROOT / "tests/compat/golden/g-multinode/job.yaml").read_text()
RECORDED_URL = "http://127.0.0.1:18099"
# What LAVA 2023.01 reported for the recorded job, but for suite lava.
RECORDED_CASES = {
    "server": ["server-up", "multinode-sync-ready", "multinode-send-hello", "multinode-wait-answer",
               "multinode-wait_all-done", "server-end"],
    "client": ["client-up", "multinode-sync-ready", "multinode-wait-hello", "multinode-send-answer",
               "multinode-send-done", "client-end"],
}


class Multinode(unittest.TestCase):
    def setUp(self):
        self.files = FileServer(arguments.guest)
        self.addCleanup(self.files.close)
        self.lab = Lab(arguments.programs, "allowed_url_networks: [loopback]\n")
        self.addCleanup(self.lab.close)
        self.lab.start()
        self.lab.add_user()

    def submit(self, steps=None):
        """The recorded job, with other steps for its roles when given; sub ids of server and client."""
        job = yaml.safe_load(RECORDED.replace(RECORDED_URL, self.files.url))
        for action in job["actions"]:
            test = action.get("test")
            if test and steps:
                test["definitions"][0]["repository"]["run"]["steps"] = steps[test["role"][0]]
        return self.lab.submit(yaml.safe_dump(job))

    def said(self, part):
        """What the console of the part showed."""
        lines = [yaml.safe_load(line)[0] for line in self.lab.log_lines(part)]
        return [line["msg"] for line in lines if line["lvl"] == "target"]

    def cases(self, part, suite):
        tests = self.lab.get("/api/v0.2/jobs/%s/tests/?limit=100" % part).json()["results"]
        suites = {s["id"]: s["name"] for s in self.lab.get("/api/v0.2/jobs/%s/suites/" % part).json()["results"]}
        return [test["name"] + ("" if test["result"] == "pass" else " " + test["result"])
                for test in tests if suites[test["suite"]] == suite]

    def expect_complete(self, parts):
        for part in parts:
            job = self.lab.wait(part)
            self.assertEqual(job["health"], "Complete", "\n".join(self.lab.log_lines(part)[-40:]))

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="folder of patchbayd and patchbay-runner")
    parser.add_argument("--guest", default=os.environ.get("PATCHBAY_GUEST"), help="folder made by scripts/make-guest")
    arguments, rest = parser.parse_known_args()
    if not arguments.guest or not (pathlib.Path(arguments.guest) / "vmlinuz").exists():
        print("SKIPPED: no guest; run scripts/make-guest DIR and set PATCHBAY_GUEST=DIR")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
