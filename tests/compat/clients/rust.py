# SPDX-License-Identifier: Apache-2.0
"""lava-api and lava-gitlab-runner (Rust, Collabora): strict types, no redirects. And lava-action of GitHub, which reads the
same."""

import time
import urllib.parse
import xml.etree.ElementTree

from .table import check
from .values import DEVICE, JOB, TAG, TEST, WORKER, log_records, page, problems
from .wire import Wire


def strict(wire, target, shape):
    answer = wire.get(target)
    check.assertEqual(answer.status, 200, target)
    rows = page(answer)
    check.assertTrue(rows, target)
    check.assertEqual([problem for row in rows for problem in problems(row, shape)], [])
    return rows


def library(lab, table, token):
    client = "lava-api (Rust)"
    wire = Wire(lab, token)
    for name, shape, rules in (("jobs/?ordering=-id&limit=50", JOB, "H13 V1 V6"), ("devices/", DEVICE, "V2"),
                               ("workers/", WORKER, "V2"), ("tags/", TAG, "")):
        with table.row(client, "GET %s: each field's type and words" % name.split("?")[0], rules):
            strict(wire, "/api/v0.2/" + name, shape)
    newest = page(wire.get("/api/v0.2/jobs/?state=Finished&health=Complete&ordering=-id&limit=1"))[0]
    with table.row(client, "GET jobs/<id>/tests/: metadata as YAML text", "V4 V5 V7"):
        strict(wire, "/api/v0.2/jobs/%d/tests/" % newest["id"], TEST)
    with table.row(client, "GET jobs/ by id__in, id__gt, state__in, health__in, times, ordering", "H3 H13"):
        def ids(query):
            answer = wire.get("/api/v0.2/jobs/?" + urllib.parse.urlencode(query))
            check.assertEqual(answer.status, 200, (query, answer.body))
            return [job["id"] for job in page(answer)]
        check.assertEqual(ids({"id__in": "1,2", "ordering": "id"}), [1, 2])
        check.assertEqual(ids({"id__in": "1,2", "ordering": "-id"}), [2, 1])
        check.assertNotIn(1, ids({"id__gt": 1}))
        check.assertIn(newest["id"], ids({"state__in": "Finished,Running", "health__in": "Complete", "limit": 100}))
        check.assertNotIn(newest["id"], ids({"state": "Submitted", "health": "Unknown"}))
        for field in ("submit_time__gt", "start_time__gt", "end_time__gt"):
            check.assertEqual(ids({field: "2199-01-01T00:00:00.000000001+00:00"}), [], field)
            check.assertTrue(ids({field: "2020-01-01T00:00:00+00:00"}), field)
    with table.row(client, "its paginator: absolute `next`, each job once", "H4 H13"):
        answer, seen = wire.get("/api/v0.2/jobs/?limit=2&ordering=id"), []
        while True:
            value = answer.json()
            seen += [job["id"] for job in value["results"]]
            if not value["next"]:
                break
            answer = wire.follow(value["next"])
        check.assertEqual(seen, sorted(set(seen)))
        check.assertEqual(len(seen), value["count"])
    with table.row(client, "POST jobs/ of a job that is refused: message", "H10"):
        answer = wire.post_json("/api/v0.2/jobs/", {"definition": "job_name: x\n"})
        check.assertEqual((answer.status, type(answer.json()["message"])), (400, str))


def runner(lab, table, token):
    client = "lava-gitlab-runner"
    wire = Wire(lab, token)
    with table.row(client, "POST jobs/ as JSON", "H9 H10"):
        text = lab.fast_job("fast.lines=100 fast.spread=2000 fast.cases=3", "runner")
        answer = wire.post_json("/api/v0.2/jobs/", {"definition": text})
        check.assertEqual(answer.status, 201, answer.body)
        number = answer.json()["job_ids"][0]
        check.assertIsInstance(number, int)
    with table.row(client, "GET jobs/?id=&ordering=id, logs/?start=n until Finished, and once more", "L1 L2 L3 L5 L6"):
        lines, state = [], ""
        end = time.monotonic() + 120
        while state != "Finished":
            check.assertLess(time.monotonic(), end)
            rows = page(wire.get("/api/v0.2/jobs/?id=%d&ordering=id" % number))
            check.assertEqual(problems(rows[0], JOB), [])
            state = rows[0]["state"]
            answer = wire.get("/api/v0.2/jobs/%d/logs/?start=%d" % (number, len(lines)))
            if answer.status == 404:
                check.assertEqual(answer.json(), {"detail": "Not found."})
                continue
            log_records(answer.text)
            lines += answer.text.splitlines()
        check.assertEqual(lines, lab.log_lines(number))
    with table.row(client, "GET jobs/<id>/junit/: no errors, no failures"):
        answer = wire.get("/api/v0.2/jobs/%d/junit/" % number)
        check.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/xml"))
        suites = xml.etree.ElementTree.fromstring(answer.body)
        check.assertEqual((suites.get("errors"), suites.get("failures")), ("0", "0"))
        check.assertEqual(suites.tag, "testsuites")
    with table.row(client, "GET jobs/<id>/cancel/", "H8"):
        silent = wire.post_json("/api/v0.2/jobs/", {"definition": lab.fast_job("fast.silent", "silent")}).json()["job_ids"][0]
        answer = wire.get("/api/v0.2/jobs/%d/cancel/" % silent)
        check.assertEqual((answer.status, answer.json()), (200, {"message": "Job cancel signal sent."}))
        check.assertEqual(lab.wait(silent)["health"], "Canceled")
    with table.row(client, "GET jobs/<id>/junit/ of a canceled job: an error, and sound"):
        suites = xml.etree.ElementTree.fromstring(wire.get("/api/v0.2/jobs/%d/junit/" % silent).body)
        check.assertEqual(suites.tag, "testsuites")
        check.assertNotEqual((suites.get("errors"), suites.get("failures")), ("0", "0"))


def github(lab, table, token):
    client = "lava-action (GitHub)"
    wire = Wire(lab, token)
    with table.row(client, "POST jobs/: 201; GET jobs/<id>/ and logs/?start=n as a YAML list", "H9 L4 L5"):
        answer = wire.post_json("/api/v0.2/jobs/", {"definition": lab.fast_job("fast.cases=2", "action")})
        check.assertEqual(answer.status, 201)
        number = answer.json()["job_ids"][0]
        lab.wait(number)
        job = wire.get("/api/v0.2/jobs/%d/" % number).json()
        check.assertEqual((job["state"], job["health"]), ("Finished", "Complete"))
        records = log_records(wire.get("/api/v0.2/jobs/%d/logs/?start=0" % number).text)
        cases = [r["msg"]["case"] for r in records if r["lvl"] == "results" and r["msg"]["definition"] == "fast"]
        check.assertEqual(cases, ["case_0", "case_1"])
