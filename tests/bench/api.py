# SPDX-License-Identifier: Apache-2.0
"""The HTTP interface under load, beside a server that does nothing but answer."""

import json
import subprocess

from jobs import smoke_job
from lab import Lab
from measure import Row, constant_server, load


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
            answer = server.get(path)
            if answer.status != 200:
                raise RuntimeError("%s: %d %r" % (path, answer.status, answer.body[:300]))
            ours = load(tools, server.port, path, token=server.token)
            with constant_server(tools, answer.body, server.state, answer.headers["Content-Type"]) as port:
                bare = load(tools, port, path, token=server.token)
            ratio = ours["per_second"] / bare["per_second"]
            rows.append(Row(name, ours["per_second"], "1/s", "constant Beast server, the same %d bytes: %.0f 1/s" % (
                len(answer.body), bare["per_second"]), ratio, ">= 1/3", ratio >= 1 / 3))
    return rows
