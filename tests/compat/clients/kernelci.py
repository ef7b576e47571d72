# SPDX-License-Identifier: Apache-2.0
"""KernelCI, which pushes jobs (kernelci-core kernelci/runtime/lava.py, kernelci-pipeline src/lava_callback.py), and a lab
behind a firewall that pulls them (kernelci-pipeline tools/example_pull_lab_lava.py)."""

import http.server
import json
import queue
import subprocess
import threading
import urllib.request

import yaml

from .table import check
from .values import log_records, page
from .wire import Wire

TOKEN_NAME = "lava-lab-test"
SECRET = "kernelci-secret-0123456789"


class Receiver:
    """KernelCI's services that a lab speaks to: where callbacks arrive, and the events of its API."""

    def __init__(self):
        self.posts = queue.Queue()
        self.answers = {}  # path -> bytes
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                known = self.headers["Authorization"] == SECRET
                self.send_response(202 if known else 401)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver.posts.put((self.path, dict(self.headers), body))

            def do_GET(self):  # pylint: disable=invalid-name
                body = receiver.answers.get(self.path.partition("?")[0])
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def definition(lab, receiver, node, device_type="qemu", arguments="fast.cases=3"):
    """As its templates make them: integer priority, metadata for its own use, one callback."""
    job = yaml.safe_load(lab.fast_job(arguments, "baseline-x86-" + node))
    job.update(device_type=device_type, priority=40,
               metadata={"node_id": node, "api_config_name": "docker-host", "storage_config_name": "storage"},
               notify={"criteria": {"status": "finished"},
                       "callback": {"url": "%s/node/%s" % (receiver.url, node), "method": "POST", "dataset": "all",
                                    "token": TOKEN_NAME, "content-type": "json"}})
    job["timeouts"]["queue"] = {"days": 2}
    return yaml.safe_dump(job)


def read_callback(receiver, node, status):
    """As src/lava_callback.py reads it."""
    path, headers, body = receiver.posts.get(timeout=120)
    check.assertEqual(path, "/node/" + node)
    check.assertEqual(headers["Authorization"], SECRET, "the bare secret")
    check.assertTrue(headers["Content-Type"].startswith("application/json"))
    data = json.loads(body)
    metadata = yaml.safe_load(data["definition"])["metadata"]
    check.assertEqual((metadata["api_config_name"], metadata["storage_config_name"]), ("docker-host", "storage"))
    check.assertEqual(data["status"], status)
    results = {suite: yaml.safe_load(text) for suite, text in data["results"].items()}
    verdict = next(case for case in results["lava"] if case["name"] == "job")
    for suite in results.values():
        for case in suite:
            check.assertIsInstance(case["metadata"], dict)
            check.assertTrue(all(isinstance(value, str) for key, value in case.items() if key != "metadata"), case)
    return data, results, verdict


def push(lab, table, token, receiver):
    client = "KernelCI push"
    base, always = "//api/v0.2/", "?format=json&limit=256"  # the base URL ends in '/', and its join adds another
    wire = Wire(lab, token, timeout=30, **{"Accept-Encoding": "gzip, deflate", "Content-Type": "application/json"})

    with table.row(client, "GET //api/v0.2/devices/?device_type=", "H1 H3 H13 V3"):
        answer = wire.get(base + "devices/" + always + "&device_type=qemu")
        check.assertEqual(answer.status, 200)
        devices = page(answer)
        check.assertEqual({device["device_type"] for device in devices}, {"qemu"})
        check.assertTrue(all(device["hostname"] and device["health"] == "Good" for device in devices))
    with table.row(client, "its `next`, with the same parameters once more", "H3 H4"):
        first = wire.get(base + "devices/?format=json&limit=1&device_type=qemu").json()
        second = wire.follow(first["next"], "&format=json&limit=1").json()
        check.assertEqual((first["count"], second["count"], second["next"]), (2, 2, None))
        names = [first["results"][0]["hostname"], second["results"][0]["hostname"]]
        check.assertEqual(names, ["qemu-01", "qemu-02"])
    with table.row(client, "GET jobs/?state=Submitted&requested_device_type=", "H3 H13 H14"):
        before = wire.get(base + "jobs/" + always + "&state=Submitted&requested_device_type=board")
        check.assertEqual((before.status, before.json()["count"]), (200, 0))
        unknown = wire.get(base + "jobs/" + always + "&state=Submitted&requested_device_type=nothing")
        check.assertEqual(unknown.status, 400, "an empty queue of no devices would look like room for more")
    with table.row(client, "POST jobs/ as JSON, redirects off", "H2 H5 H9 H10"):
        answer = wire.post_json(base + "jobs/" + always, {"definition": definition(lab, receiver, "n1")})
        check.assertEqual(answer.status, 201, answer.body)
        check.assertIsInstance(answer.json()["message"], str)
        number = answer.json()["job_ids"][0]
        check.assertIsInstance(number, int)
    with table.row(client, "POST jobs/ without the slash", "H2"):
        answer = wire.post_json("/api/v0.2/jobs", {"definition": definition(lab, receiver, "waits", "board")})
        check.assertEqual(answer.status, 201, answer.body)
        waiting = answer.json()["job_ids"][0]
        count = wire.get(base + "jobs/" + always + "&state=Submitted&requested_device_type=board").json()["count"]
        check.assertEqual(count, 1)
    with table.row(client, "POST jobs/ of a template without minutes", "H10"):
        broken = definition(lab, receiver, "n2").replace("  job:\n    minutes: 5\n", "  job:\n    minutes:\n")
        answer = wire.post_json(base + "jobs/" + always, {"definition": broken})
        check.assertEqual(answer.status, 400)
        check.assertIn("Problem with submitted job data: ", answer.json()["message"])
    with table.row(client, "callback: definition, status, log, results, token", "L1 L4 L8 V4 V8"):
        data, results, verdict = read_callback(receiver, "n1", 2)
        check.assertEqual(verdict["result"], "pass")
        check.assertIn(data["actual_device_id"], ("qemu-01", "qemu-02"))
        check.assertEqual(len([case for case in results["fast"] if case["result"] == "pass"]), 3)
        check.assertIn("case_0: OK", [r["msg"] for r in log_records(data["log"]) if r["lvl"] == "target"])
        check.assertNotIn("\0", data["log"])
        check.assertNotIn(SECRET, json.dumps(data))
    with table.row(client, "callback of a job that leaves the queue", "V5"):
        lab.get("/api/v0.2/jobs/%d/cancel/" % waiting)
        _, _, verdict = read_callback(receiver, "waits", 4)
        check.assertEqual(verdict["metadata"]["error_type"], "Canceled")
    with table.row(client, "GET jobs/<id> until Finished", "H2 V1 V6"):
        answer = wire.get(base + "jobs/%d%s" % (number, always))
        check.assertEqual((answer.status, answer.json()["state"], answer.json()["health"]), (200, "Finished", "Complete"))
    with table.row(client, "GET jobs/ with a token that is none", "H5"):
        answer = Wire(lab, "0" * 40).get(base + "jobs/" + always)
        check.assertEqual((answer.status, answer.text), (403, '{"detail":"Invalid token."}'))


def pull(lab, table, token, receiver):
    client = "KernelCI pull"
    wire = Wire(lab, token, timeout=60)
    text = definition(lab, receiver, "n3")
    receiver.answers["/n3.yaml"] = text.encode()
    receiver.answers["/events"] = json.dumps([
        {"id": "e1", "timestamp": "2026-08-21T10:11:12.000000", "data": {"data": {"runtime": "pull-labs-test"}},
         "node": {"id": "n3", "artifacts": {"job_definition": receiver.url + "/n3.yaml"}}}]).encode()

    with table.row(client, "GET events of KernelCI, POST jobs/ unchanged", "H9 H10"):
        events = json.load(urllib.request.urlopen(receiver.url + "/events?kind=job&limit=1000&recursive=true", timeout=60))
        source = events[0]["node"]["artifacts"]["job_definition"]
        fetched = urllib.request.urlopen(source, timeout=60).read().decode()
        answer = wire.post_json("/api/v0.2/jobs/", {"definition": fetched})
        check.assertEqual(answer.status, 201, answer.body)
        number = answer.json()["job_ids"][0]
    with table.row(client, "callback by the stored token of that name", "L1 V8"):
        data, _, _ = read_callback(receiver, "n3", 2)
        check.assertEqual(data["id"], number)
    with table.row(client, "GET jobs/<id>/: state, health, definition", "V1 V6"):
        job = wire.get("/api/v0.2/jobs/%d/" % number).json()
        check.assertEqual((job["state"], job["health"]), ("Finished", "Complete"))
        check.assertEqual(job["original_definition"], text.strip(), "LAVA takes blanks from both ends, too")
        check.assertEqual(job["metadata"]["node_id"], "n3")


def store_secret(lab, user):
    subprocess.run(lab.command("remote-token", "add", user, TOKEN_NAME), input=SECRET + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)
