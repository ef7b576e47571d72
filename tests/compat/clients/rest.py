# SPDX-License-Identifier: Apache-2.0
"""LAVA's REST interface and the ways in which it can be asked, as with curl."""

import base64
import json

from .table import check
from .wire import Wire

XML = "<?xml version='1.0'?><methodCall><methodName>%s</methodName><params/></methodCall>"
LISTS = ("jobs", "devices", "devicetypes", "workers", "aliases", "tags")


def curl(lab, table, token):
    client = "curl"
    wire, nobody = Wire(lab, token), Wire(lab)
    number = lab.submit(lab.fast_job("fast.cases=60", "curl"))
    lab.wait(number)

    with table.row(client, "with, without and with doubled slashes: the same answer", "H1 H2"):
        whole = wire.get("/api/v0.2/jobs/%d/" % number)
        check.assertEqual(whole.status, 200)
        for target in ("/api/v0.2/jobs/%d", "//api/v0.2/jobs/%d/", "/api//v0.2///jobs//%d//"):
            answer = wire.get(target % number)
            check.assertEqual((answer.status, answer.body), (200, whole.body))
            check.assertNotIn("Location", answer.headers)
        for target in ("/RPC2", "/RPC2/", "//RPC2"):
            check.assertEqual(wire.send("POST", target, XML % "system.version", Authorization="").status, 400)
            check.assertEqual(nobody.send("POST", target, XML % "system.version").status, 200)
    with table.row(client, "lists: count, next, previous, results; 50 rows", "H3 H13"):
        for name in LISTS:
            answer = wire.get("/api/v0.2/%s/?format=json&limit=256&format=json&unheard=of" % name).json()
            check.assertEqual(list(answer), ["count", "next", "previous", "results"], name)
            check.assertEqual(answer["count"], len(answer["results"]), name)
        tests = wire.get("/api/v0.2/jobs/%d/tests/" % number).json()
        check.assertEqual(len(tests["results"]), 50)
        check.assertGreater(tests["count"], 60)
    with table.row(client, "`next` has the scheme and host that the client saw", "H4"):
        check.assertEqual(tests["next"], lab.url + "/api/v0.2/jobs/%d/tests/?limit=50&offset=50" % number)
        answer = wire.get("/api/v0.2/devices/?limit=1", Host="lab.example:8443").json()
        check.assertTrue(answer["next"].startswith("http://lab.example:8443/api/v0.2/devices/?"))
        foreign = wire.get("/api/v0.2/devices/?limit=1", **{"X-Forwarded-Host": "evil.example"}).json()
        check.assertNotIn("evil", foreign["next"], "nobody said that we are behind a proxy")
    with table.row(client, "Authorization over REST: nine cases, never 401", "H5"):
        target = "/api/v0.2/jobs/"
        for header, detail in (("Token " + "0" * 40, "Invalid token."),
                               ("Token", "Invalid token header. No credentials provided."),
                               ("Token a b", "Invalid token header. Token string should not contain spaces.")):
            answer = nobody.get(target, Authorization=header)
            check.assertEqual((answer.status, answer.json()), (403, {"detail": detail}))
            check.assertNotIn("WWW-Authenticate", answer.headers)
        for header in ("Bearer " + token, "Basic YTpi"):
            check.assertEqual(nobody.get("/api/v0.2/system/whoami/", Authorization=header).json(), {"user": ""})
        check.assertEqual(nobody.get(target).status, 200)
        for path in ("aliases/", "tags/"):
            answer = nobody.get("/api/v0.2/" + path)
            check.assertEqual((answer.status, answer.json()),
                              (403, {"detail": "Authentication credentials were not provided."}))
        check.assertEqual(nobody.post_json(target, {"definition": "x"}).status, 403)
        joe = Wire(lab, lab.tokens["joe"])
        answer = joe.post_json("/api/v0.2/devicetypes/", {"name": "mine"})
        check.assertEqual(answer.json(), {"detail": "You do not have permission to perform this action."})
    with table.row(client, "Authorization over XML-RPC: 401 for a wrong pair, 400 for no pair", "H5"):
        pair = base64.b64encode(("admin:" + "0" * 40).encode()).decode()
        answer = nobody.send("POST", "/RPC2", XML % "system.version", Authorization="Basic " + pair)
        check.assertEqual((answer.status, answer.text), (401, "Invalid token"))
        check.assertEqual(answer.headers["WWW-Authenticate"], 'Basic realm="XML-RPC Authentication token"')
        check.assertEqual(nobody.send("POST", "/RPC2", XML % "system.version", Authorization="Token " + token).status, 400)
    with table.row(client, "XML-RPC answers: 200, XML with its charset, not compressed; nil", "H6"):
        answer = nobody.send("POST", "/RPC2", XML % "system.whoami", **{"Accept-Encoding": "gzip"})
        check.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/xml; charset=utf-8"))
        check.assertNotIn("Content-Encoding", answer.headers)
        check.assertIn("<nil/>", answer.text)
        fault = nobody.send("POST", "/RPC2", XML % "nothing.like.that")
        check.assertEqual(fault.status, 200)
        check.assertIn("<fault>", fault.text)
    with table.row(client, "GET and POST jobs/<id>/cancel/", "H8"):
        for method in ("GET", "POST"):
            answer = wire.send(method, "/api/v0.2/jobs/%d/cancel/" % number)
            check.assertEqual((answer.status, answer.json()), (200, {"message": "Job cancel signal sent."}))
        check.assertEqual(nobody.get("/api/v0.2/jobs/%d/cancel/" % number).status, 403)
    with table.row(client, "POST jobs/ as JSON, form and multipart", "H9 H10"):
        text = lab.fast_job("", "form").replace("device_type: qemu", "device_type: board")
        part = ("--b\r\nContent-Disposition: form-data; name=\"definition\"\r\n\r\n%s\r\n--b--\r\n" % text).encode()
        for answer in (wire.post_json("/api/v0.2/jobs/", {"definition": text}),
                       wire.post_form("/api/v0.2/jobs", {"definition": text}),
                       wire.send("POST", "/api/v0.2/jobs/", part, **{"Content-Type": "multipart/form-data; boundary=b"})):
            check.assertEqual(answer.status, 201, answer.body)
            check.assertEqual(answer.json()["message"], "job(s) successfully submitted")
            wire.get("/api/v0.2/jobs/%d/cancel/" % answer.json()["job_ids"][0])
    with table.row(client, "POST jobs/ without or with a bad definition: 400", "H10"):
        check.assertEqual(wire.post_json("/api/v0.2/jobs/", {}).json(), {"definition": ["This field is required."]})
        for bad in ("a: [1", "[]", "job_name: x"):
            answer = wire.post_json("/api/v0.2/jobs/", {"definition": bad})
            check.assertEqual(answer.status, 400)
            check.assertTrue(answer.json()["message"].startswith("Problem with submitted job data: "))
    with table.row(client, "the queue of a type for a user who may only submit", "H14"):
        answer = Wire(lab, lab.tokens["joe"]).get("/api/v0.2/jobs/?state=Submitted&requested_device_type=qemu")
        check.assertEqual((answer.status, answer.json()["count"]), (200, 0))
    with table.row(client, "jobs/batch_cancel/, validate/, validate_testdef/, devices/validate/"):
        answer = wire.post_json("/api/v0.2/jobs/batch_cancel/", {"job_ids": [number, 10**6]}).json()
        check.assertEqual((answer["job_ids"], answer["invalid_job_ids"]), ([number], [10**6]))
        valid = nobody.post_json("/api/v0.2/jobs/validate/", {"definition": text}).json()
        check.assertEqual(valid, {"message": "Job valid."})
        check.assertEqual(nobody.post_json("/api/v0.2/jobs/validate_testdef/", {"definition": "a: 1"}).status, 200)
        dictionary = wire.get("/api/v0.2/devices/qemu-01/dictionary/").body
        answer = wire.send("POST", "/api/v0.2/devices/validate/", dictionary, **{"Content-Type": "text/plain"})
        check.assertEqual(answer.json(), {"message": "Device dictionary valid."})
    with table.row(client, "files of a job at the addresses of pages: log, definition, results"):
        check.assertEqual(nobody.get("/scheduler/job/%d/log_file/plain" % number).text.splitlines(), lab.log_lines(number))
        check.assertEqual(nobody.get("/scheduler/job/%d/definition/plain" % number).text, lab.job(number)["original_definition"])
        for kind in ("csv", "yaml", "yaml_summary", "metadata"):
            check.assertEqual(nobody.get("/results/%d/%s" % (number, kind)).status, 200)
    with table.row(client, "the page of a job: where links lead, #L<n> for each line"):
        page = nobody.get("/scheduler/job/%d" % number)
        check.assertEqual((page.status, page.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        check.assertIn('id="L%d"' % (len(lab.log_lines(number)) - 1), page.text)
    with table.row(client, "healthz, prometheus, system/version"):
        check.assertEqual(json.loads(nobody.get("/v1/healthz/").body), {"health": "good"})
        check.assertRegex(nobody.get("/v1/prometheus/").text, r"\njobs_running \d+\n")
        check.assertRegex(nobody.get("/api/v0.2/system/version").json()["version"], r"^20\d\d\.\d{1,2}")
