# SPDX-License-Identifier: Apache-2.0
"""Mesa's submitter (.gitlab-ci/lava/lava_job_submitter.py): XML-RPC, any fault is the end, any error of HTTP is tried again."""

import json
import time
import xmlrpc.client

import yaml

from .table import check
from .values import log_records


class Proxy:
    """Its _call_proxy: what is no fault is tried again (there each 15 s)."""

    def __init__(self, lab, user, token):
        self.server = xmlrpc.client.ServerProxy("http://%s:%s@127.0.0.1:%d/RPC2" % (user, token, lab.port), allow_none=True)
        self.errors = []

    def call(self, method, *arguments, tries=200):
        for _ in range(tries):
            try:
                function = self.server
                for part in method.split("."):
                    function = getattr(function, part)
                return function(*arguments)
            except xmlrpc.client.Fault as fault:
                raise AssertionError("fatal: %s" % fault) from fault
            except (OSError, xmlrpc.client.ProtocolError) as error:
                self.errors.append(type(error).__name__)
                time.sleep(0.1)
        raise AssertionError("%s: no answer" % method)


def follow(proxy, number, last_line, until):
    """Its loop over scheduler.jobs.logs; `until` gets the records so far."""
    records, finished = [], False
    end = time.monotonic() + 120
    while not finished and not until(records):
        check.assertLess(time.monotonic(), end, "the log stands still")
        finished, data = proxy.call("scheduler.jobs.logs", number, last_line)
        text = data.data.decode("utf-8")
        if text == "[]":  # the empty document: no log yet
            continue
        lines = yaml.load(text, Loader=yaml.CSafeLoader) or []
        check.assertEqual(log_records(text), lines)
        records += lines
        last_line += len(lines)
        time.sleep(0.05)
    return records, last_line, finished


def submitter(lab, table, user, token):
    client = "Mesa"
    proxy = Proxy(lab, user, token)
    text = lab.fast_job("fast.lines=200 fast.spread=6000 fast.cases=3", "mesa")

    with table.row(client, "scheduler.jobs.validate(definition, True): nothing"):
        check.assertFalse(proxy.call("scheduler.jobs.validate", text, True))
        problem = proxy.call("scheduler.jobs.validate", text.replace("job_name: mesa\n", ""), True)
        check.assertEqual(problem, {"path": "['job_name']", "msg": "required key not provided"})
    with table.row(client, "scheduler.jobs.submit, jobs.show", "H7 V9"):
        number = proxy.call("scheduler.jobs.submit", text)
        check.assertIsInstance(number, int)
        check.assertEqual(proxy.call("scheduler.jobs.show", number)["id"], number)
    with table.row(client, "scheduler.job_state each second while it waits", "V1"):
        state = "Submitted"
        end = time.monotonic() + 120
        while state in ("Submitted", "Scheduling", "Scheduled"):
            check.assertLess(time.monotonic(), end)
            state = proxy.call("scheduler.job_state", number)["job_state"]
        check.assertIn(state, ("Running", "Finished"))
    with table.row(client, "scheduler.jobs.logs(id, last_line): lines so far", "L1 L4 L5 L6 L7"):
        records, last_line, _ = follow(proxy, number, 0, lambda got: len(got) > 30)
    with table.row(client, "the server stops and starts in between: no fault, no line twice", "H11 L5"):
        lab.kill()
        check.assertRaises(OSError, lambda: proxy.server.system.version())  # pylint: disable=unnecessary-lambda
        lab.start()
        more, _, finished = follow(proxy, number, last_line, lambda got: False)
        check.assertTrue(finished)
        check.assertEqual(["- " + line for line in dumped(records + more)], lab.log_lines(number))
        targets = [r["msg"] for r in records + more if r["lvl"] == "target"]
        said = [line for line in targets if line.startswith("console line")]
        check.assertEqual(said, ["console line %d of the machine" % n for n in range(200)])
    with table.row(client, "scheduler.job_state, jobs.show: times with .value, device, state", "V9"):
        check.assertEqual(proxy.call("scheduler.job_state", number)["job_state"], "Finished")
        shown = proxy.call("scheduler.jobs.show", number)
        for key in ("submit_time", "start_time", "end_time"):
            check.assertRegex(shown[key].value, r"^\d{8}T\d\d:\d\d:\d\d$")
        check.assertIn(shown["device"], ("qemu-01", "qemu-02"))
    with table.row(client, "results.get_testjob_results_yaml: metadata.result, error_type", "V5 V8"):
        results = yaml.load(proxy.call("results.get_testjob_results_yaml", number), Loader=yaml.CSafeLoader)
        check.assertFalse([case for case in results if case["metadata"]["result"] == "fail"])
    with table.row(client, "scheduler.jobs.cancel of a silent job"):
        silent = proxy.call("scheduler.jobs.submit", lab.fast_job("fast.silent", "mesa-silent"))
        lab.wait(silent, states=("Running",))
        check.assertIs(proxy.call("scheduler.jobs.cancel", silent), True)
        check.assertEqual(lab.wait(silent)["health"], "Canceled")
    with table.row(client, "a wrong token is an error of HTTP, a wrong job a fault", "H5 H11"):
        with check.assertRaises(xmlrpc.client.ProtocolError) as refused:
            Proxy(lab, user, "0" * 40).server.system.version()
        check.assertEqual(refused.exception.errcode, 401)
        with check.assertRaises(xmlrpc.client.Fault):
            proxy.server.scheduler.jobs.show(10**6)


def dumped(records):
    """In LAVA's form of a line."""
    return [json.dumps(record) for record in records]
