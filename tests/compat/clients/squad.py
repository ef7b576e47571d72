# SPDX-License-Identifier: Apache-2.0
"""SQUAD in both of its modes (squad/ci/backend/lava.py): XML-RPC at an address with RPC2, else REST."""

import asyncio
import json
import queue
import threading
import xmlrpc.client

import aiohttp
import yaml
import zmq

from .table import check
from .values import JOB, SUITE, TEST, log_records, page, problems
from .wire import Wire


def all_pages(wire, target):
    """SQUAD follows `next`."""
    answer = wire.get(target)
    check.assertEqual(answer.status, 200, target)
    rows = page(answer)
    while answer.json()["next"]:
        answer = wire.follow(answer.json()["next"])
        rows += page(answer)
    return rows


def rest(lab, table, token):
    client = "SQUAD REST"
    wire = Wire(lab, token, timeout=60)
    base = "/api/v0.2//"  # the address is used as given, and joined with another slash
    text = lab.fast_job("fast.cases=120 fast.words", "squad")

    with table.row(client, "POST jobs/ as a form", "H1 H9 H10"):
        answer = wire.post_form(base + "jobs/", {"definition": text})
        check.assertEqual(answer.status, 201, answer.body)
        number = answer.json()["job_ids"][0]
    lab.wait(number)
    with table.row(client, "GET jobs/<id> without the slash: state, health, definition", "H2 V1 V6"):
        answer = wire.get(base + "jobs/%d" % number)
        check.assertEqual(answer.status, 200)
        check.assertEqual(problems(answer.json(), JOB), [])
        check.assertEqual((answer.json()["state"], answer.json()["health"]), ("Finished", "Complete"))
        check.assertEqual(yaml.safe_load(answer.json()["definition"])["job_name"], "squad")
    with table.row(client, "GET jobs/<id>/suites/, suites/<sid>/tests and their `next`", "H2 H4 H13 V7"):
        suites = all_pages(wire, base + "jobs/%d/suites/" % number)
        check.assertEqual([problems(suite, SUITE) for suite in suites], [[], []])
        fast = next(suite for suite in suites if suite["name"] == "fast")
        tests = all_pages(wire, base + "jobs/%d/suites/%d/tests" % (number, fast["id"]))
        check.assertEqual(sorted(test["name"] for test in tests), sorted("case_%d" % n for n in range(120)))
        check.assertEqual([p for test in tests for p in problems(test, TEST)], [])
    with table.row(client, "GET jobs/<id>/logs/, cut by line numbers", "L1 L2 L3 L5 L8"):
        log = wire.get(base + "jobs/%d/logs/" % number)
        check.assertEqual(log.status, 200)
        lines = log.text.splitlines()
        records = log_records(log.text)
        check.assertEqual(len(records), len(lines))
        check.assertIn("“café” 🐧 \N{REPLACEMENT CHARACTER}\0", [record["msg"] for record in records])
        part = wire.get(base + "jobs/%d/logs/?start=3&end=7" % number)
        check.assertEqual(part.text.splitlines(), lines[3:7])
    with table.row(client, "GET jobs/<id>/{csv,yaml}/ and of a suite", "V8"):
        of_job = yaml.safe_load(wire.get(base + "jobs/%d/yaml/" % number).body)
        of_suite = yaml.safe_load(wire.get(base + "jobs/%d/suites/%d/yaml/" % (number, fast["id"])).body)
        check.assertEqual([case for case in of_job if case["suite"] == "fast"], of_suite)
        csv = wire.get(base + "jobs/%d/csv/" % number).text.splitlines()
        check.assertEqual(len(csv), len(of_job) + 1)
        check.assertIn("log_start_line", csv[0])
    with table.row(client, "GET jobs/<id>/definition/"):
        answer = wire.get(base + "jobs/%d/definition/" % number)
        check.assertEqual(yaml.safe_load(json.loads(answer.body))["job_name"], "squad")
    with table.row(client, "POST jobs/<id>/resubmit/, POST jobs/<id>/cancel/", "H8 H10"):
        answer = wire.send("POST", base + "jobs/%d/resubmit/" % number)
        check.assertEqual(answer.status, 201, answer.body)
        again = answer.json()["job_ids"][0]
        check.assertEqual(wire.send("POST", base + "jobs/%d/cancel/" % again).status, 200)
        check.assertEqual(lab.wait(again)["state"], "Finished")
    with table.row(client, "GET system/master_config/ without a token"):
        config = Wire(lab).get(base + "system/master_config/").json()
        check.assertIn("EVENT_SOCKET", config)


def rpc(lab, table, user, token):
    client = "SQUAD XML-RPC"
    server = xmlrpc.client.ServerProxy("http://%s:%s@127.0.0.1:%d//RPC2" % (user, token, lab.port), allow_none=True)

    with table.row(client, "POST //RPC2 scheduler.submit_job", "H1 H6 H7"):
        number = server.scheduler.submit_job(lab.fast_job("fast.cases=3", "squad"))
        check.assertIsInstance(number, int)
    lab.wait(number)
    with table.row(client, "scheduler.job_details: status, definition, times", "V9"):
        details = server.scheduler.job_details(number)
        check.assertEqual(details["status"], "Complete")
        check.assertEqual(yaml.safe_load(details["definition"])["job_name"], "squad")
        check.assertIsInstance(details["start_time"], xmlrpc.client.DateTime)
        check.assertEqual(server.scheduler.job_details(str(number))["id"], number, "as a text, too")
    with table.row(client, "results.get_testjob_suites_list_yaml, get_testsuite_results_yaml by 500", "V8"):
        suites = yaml.safe_load(server.results.get_testjob_suites_list_yaml(number))
        check.assertEqual([suite["name"] for suite in suites], ["lava", "fast"])
        cases = yaml.safe_load(server.results.get_testsuite_results_yaml(number, "fast", 500, 0))
        check.assertEqual(len(cases), 3)
        check.assertEqual(yaml.safe_load(server.results.get_testsuite_results_yaml(number, "fast", 500, 500)), [])
        for case in cases:
            texts = [case[key] for key in ("name", "job", "suite", "result", "measurement", "unit", "level", "url", "id",
                                           "logged", "log_start_line", "log_end_line")]
            check.assertTrue(all(isinstance(text, str) for text in texts), case)
            check.assertEqual((case["measurement"], type(case["metadata"])), ("None", dict))
    with table.row(client, "results.get_testsuite_results_csv", "V8"):
        check.assertEqual(len(server.results.get_testsuite_results_csv(number, "fast").splitlines()), 4)
    with table.row(client, "GET /scheduler/job/<id>/log_file/plain?user=&token=", "L1 L2"):
        answer = Wire(lab, timeout=60).get("/scheduler/job/%d/log_file/plain?user=%s&token=%s" % (number, user, token))
        check.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/yaml"))
        check.assertEqual(answer.text.splitlines(), lab.log_lines(number))
    with table.row(client, "scheduler.resubmit_job, cancel_job", "H7"):
        again = server.scheduler.resubmit_job(number)
        check.assertIs(server.scheduler.cancel_job(again), True)
        lab.wait(again)
    with table.row(client, "faults whose code says that trying again is no use", "H11"):
        for call, code in ((lambda: server.scheduler.submit_job("a: [1"), 400), (lambda: server.scheduler.job_details(10**6), 404)):
            with check.assertRaises(xmlrpc.client.Fault) as refused:
                call()
            check.assertEqual(refused.exception.faultCode, code)
    with table.row(client, "scheduler.get_publisher_event_socket"):
        check.assertIsInstance(server.scheduler.get_publisher_event_socket(), str)


class Heard:
    """What a listener of SQUAD makes of the events: states of jobs, and of those that have ended what it fetches at once."""

    def __init__(self, lab, token, name):
        self.wire, self.name, self.states, self.fetched = Wire(lab, token, timeout=60), name, [], None

    def take(self, texts):
        """True: the job has ended."""
        topic, _uuid, _time, _user, data = texts
        data = json.loads(data)
        if not topic.endswith(".testjob") or data["description"] != self.name:
            return False
        self.states.append((data["state"], data["health"]))
        if data["state"] != "Finished":
            return False
        base = "/api/v0.2/jobs/%d" % data["job"]
        cases = [test["name"] for test in all_pages(self.wire, base + "/tests/") if test["name"].startswith("case_")]
        self.fetched = (self.wire.get(base).json()["health"], len(cases), self.wire.get(base + "/logs/").status)
        return True


def listener(lab, table, user, token):
    client = "SQUAD listener"

    def submit(name):
        text = lab.fast_job("fast.cases=3", name).replace("visibility: public", "visibility: " + visibility[name[:2]])
        return Wire(lab, token, timeout=60).post_form("/api/v0.2//jobs/", {"definition": text}).json()["job_ids"][0]

    visibility = {"ws": "personal", "mq": "public"}
    with table.row(client, "/ws/ with user and token in the URL, pings each 30 s; fetches at Finished", "E1 E2 E3 V1"):
        opened, ended = queue.Queue(), queue.Queue()
        heard = Heard(lab, token, "ws")

        async def listen():
            url = lab.url.replace("http://", "ws://%s:%s@" % (user, token)) + "/ws/"
            async with aiohttp.ClientSession() as session, session.ws_connect(url, heartbeat=30) as socket:
                opened.put(True)
                async for message in socket:
                    if heard.take(json.loads(message.data)):
                        return

        def run():
            try:
                asyncio.run(asyncio.wait_for(listen(), 120))
                ended.put(None)
            except Exception as error:  # pylint: disable=broad-except
                opened.put(False)
                ended.put(error)

        threading.Thread(target=run, daemon=True).start()
        check.assertTrue(opened.get(timeout=60))
        submit("ws")
        check.assertIsNone(ended.get(timeout=120))
        check.assertEqual(heard.states, [("Submitted", "Unknown"), ("Scheduled", "Unknown"), ("Running", "Unknown"),
                                         ("Finished", "Complete")])
        check.assertEqual(heard.fetched, ("Complete", 3, 200))
    with table.row(client, "ZeroMQ at EVENT_SOCKET, where the websocket fails", "E2 E5"):
        address = Wire(lab).get("/api/v0.2/system/master_config/").json()["EVENT_SOCKET"].replace("*", "127.0.0.1")
        context = zmq.Context()
        try:
            socket = context.socket(zmq.SUB)
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            socket.setsockopt(zmq.RCVTIMEO, 500)
            socket.connect(address)
            # ZeroMQ says nowhere that a subscription has arrived: jobs are submitted until one is heard of.
            turn, heard = 0, None
            while heard is None:
                turn, name = turn + 1, "mq%d" % turn
                number, heard = submit(name), Heard(lab, token, name)
                try:
                    while not heard.take([part.decode() for part in socket.recv_multipart()]):
                        socket.setsockopt(zmq.RCVTIMEO, 60_000)
                except zmq.Again:
                    lab.wait(number)
                    heard = None
            check.assertEqual(heard.states[-1], ("Finished", "Complete"))
            check.assertEqual(heard.fetched, ("Complete", 3, 200))
        finally:
            context.destroy(0)
