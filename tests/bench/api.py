# SPDX-License-Identifier: Apache-2.0
"""The HTTP interface under load, beside a server that does nothing but answer."""

import base64
import json
import subprocess
import xmlrpc.client

from jobs import smoke_job
from lab import Lab
from measure import Row, constant_server, load
from resources import filled_lab


def queued_definition(tools):
    return smoke_job(tools).replace("device_type: qemu\n", "device_type: parked\n")


def parked_lab(tools):
    """One device of type `parked`, in maintenance: what is submitted for it stays in the queue."""
    return Lab(tools.programs, "devices:\n  - {name: qemu, count: 1}\n  - {name: parked, device_type: parked}\n")


def park(server):
    answer = server.request("POST", "/api/v0.2/devices/parked/set_health/", {"health": "Maintenance"})
    if answer.status >= 300:
        raise RuntimeError("cannot park the device: %d %r" % (answer.status, answer.body))


def submissions(tools):
    with parked_lab(tools) as server:
        server.start()
        server.add_user()
        park(server)
        body = json.dumps({"definition": queued_definition(tools)}).encode()
        file = server.state / "submission"
        ours = load(tools, server.port, "/api/v0.2/jobs/", method="POST", token=server.token, body=body, body_file=file,
                    seconds=4)
        with constant_server(tools, b'{"message": "job(s) successfully submitted", "job_ids": ["1"]}', server.state) as port:
            bare = load(tools, port, "/api/v0.2/jobs/", method="POST", token=server.token, body=body, body_file=file,
                        seconds=2)
    rate = ours["per_second"]
    return [Row("submissions", rate, "1/s", "constant Beast server: %.0f 1/s" % bare["per_second"],
                rate / bare["per_second"], ">= 2000 1/s, durable", rate >= 2000)]


# What one client may ask for in a second, unless the lab's owner says otherwise.
OF_ONE_CLIENT = 2000


def compared(tools, server, name, path, part=None, seconds=3.0, **request):
    """Answers in a second beside those of the constant server with the same bytes. The goal is that part of them, else
    that one client cannot ask for more."""
    method, body = request.get("method", "GET"), request.get("body")
    headers = {"Content-Type": request["content_type"], "Authorization": request["authorization"]} if body else {}
    answer = server.request(method, path, body, headers, token=None if body else "default")
    if answer.status != 200 or b"<fault>" in answer.body:
        raise RuntimeError("%s: %d %r" % (path, answer.status, answer.body[:300]))
    more = dict(request, token=server.token, seconds=seconds, body_file=server.state / "request")
    ours = load(tools, server.port, path, **more)["per_second"]
    with constant_server(tools, answer.body, server.state, answer.headers["Content-Type"]) as port:
        bare = load(tools, port, path, **more)["per_second"]
    return Row(name, ours, "1/s", "constant Beast server, the same %d bytes: %.0f 1/s" % (len(answer.body), bare), ours / bare,
               ">= 1/%d" % round(1 / part) if part else ">= %d 1/s" % OF_ONE_CLIENT,
               ours / bare >= part if part else ours >= OF_ONE_CLIENT)


def calls(tools):
    """What clients ask for all day long, by REST and by XML-RPC."""
    rows = []
    with filled_lab(tools, tools.amount(10_000, 100)) as lab:
        job = lab.get("/api/v0.2/jobs/?limit=1").json()["results"][0]["id"]
        board = lab.get("/api/v0.2/devices/?limit=1").json()["results"][0]["hostname"]
        for name, path in (("version", "system/version/"), ("whoami", "system/whoami/"), ("device", f"devices/{board}/"),
                           ("devices-50", "devices/?limit=50"), ("tests", f"jobs/{job}/tests/"),
                           ("queue", "jobs/?state=Submitted&limit=50")):
            rows.append(compared(tools, lab, "rest-" + name, "/api/v0.2/" + path, seconds=1.5))
        for name, method, arguments in (
                ("version", "system.version", ()), ("job-state", "scheduler.job_state", (job,)),
                ("jobs-show", "scheduler.jobs.show", (job,)), ("jobs-25", "scheduler.jobs.list", ()),
                ("device", "scheduler.devices.show", (board,)), ("results", "results.get_testjob_results_yaml", (job,))):
            body = xmlrpc.client.dumps(arguments, method).encode()
            login = base64.b64encode(("admin:" + lab.token).encode()).decode()
            rows.append(compared(tools, lab, "xmlrpc-" + name, "/RPC2", seconds=1.5, method="POST", body=body,
                                 content_type="text/xml", authorization="Basic " + login))
    return rows


def reads(tools):
    """Job detail, a page of 50 jobs and a slice of a long log, with many stored jobs."""
    rows, jobs = [], tools.amount(100_000, 200)
    with Lab(tools.programs, "devices:\n  - {name: qemu, count: 2}\n") as server:
        server.start()
        server.add_user()
        server.kill(15)
        job = int(subprocess.run([tools.tool("seed"), str(server.state / "patchbay.db"), "--jobs", str(jobs), "--definition",
                                  smoke_job(tools)], stdout=subprocess.PIPE, check=True, text=True).stdout)
        server.start()
        for name, path in (("job-detail", f"/api/v0.2/jobs/{job}/"),
                           ("job-list-50", "/api/v0.2/jobs/?limit=50"),
                           ("log-slice", f"/api/v0.2/jobs/{job}/logs/?start=10000&end=10100")):
            rows.append(compared(tools, server, name, path, 1 / 3))
    return rows
