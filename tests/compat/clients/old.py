# SPDX-License-Identifier: Apache-2.0
"""Older programs and scripts of vendors: lqa, legacy KernelCI, TF-A, mbl-tools, the Go lavacli. XML-RPC."""

import xmlrpc.client

import yaml

from .table import check


def scripts(lab, table, user, token):
    server = xmlrpc.client.ServerProxy("http://%s:%s@127.0.0.1:%d/RPC2/" % (user, token, lab.port), allow_none=True)

    client = "lqa"
    with table.row(client, "submit_job, job_state, job_status, job_details", "H2 H7"):
        number = server.scheduler.submit_job(lab.fast_job("fast.cases=2", "lqa"))
        lab.wait(number)
        check.assertEqual(server.scheduler.job_state(str(number))["job_state"], "Finished")
        check.assertEqual(server.scheduler.job_status(number)["job_status"], "Complete")
        check.assertEqual(server.scheduler.job_details(number)["id"], number)
    with table.row(client, "job_output(id, offset)", "L7"):
        whole = server.scheduler.job_output(number).data
        check.assertEqual(whole.decode().splitlines(), lab.log_lines(number))
        check.assertEqual(server.scheduler.job_output(number, 100).data, whole[100:])
    with table.row(client, "get_device_status, all_jobs, all_devices, whoami"):
        check.assertEqual(server.scheduler.get_device_status("qemu-01")["hostname"], "qemu-01")
        check.assertIsInstance(server.scheduler.all_jobs(), list)
        check.assertEqual(server.system.whoami(), user)
    with table.row(client, "put_into_maintenance_mode, put_into_online_mode"):
        server.scheduler.put_into_maintenance_mode("qemu-02", "cables")
        check.assertEqual(server.scheduler.get_device_status("qemu-02")["status"], "offline")
        server.scheduler.put_into_online_mode("qemu-02", "done")
        lab.request("POST", "/api/v0.2/devices/qemu-02/set_health/", {"health": "Good"})
        check.assertEqual(server.scheduler.get_device_status("qemu-02")["status"], "idle")
    with table.row(client, "results.get_*_csv and _yaml, get_testjob_metadata", "V8"):
        check.assertEqual(len(yaml.safe_load(server.results.get_testsuite_results_yaml(number, "fast"))), 2)
        check.assertEqual(len(server.results.get_testcase_results_csv(number, "fast", "case_1").splitlines()), 2)
        check.assertIn("fast", server.results.get_testjob_suites_list_csv(number))
        check.assertEqual(server.results.get_testsuite_results_count(number, "fast"), 2)
        check.assertEqual(server.results.get_testjob_metadata(number), [])

    client = "KernelCI legacy"
    with table.row(client, "all_devices: rows of five"):
        for row in server.scheduler.all_devices():
            check.assertEqual(len(row), 5)
            check.assertIn(row[2], ("idle", "running", "reserved", "offline"))
    with table.row(client, "device_types.list, device_types.aliases.list"):
        check.assertEqual([kind["name"] for kind in server.scheduler.device_types.list()], ["board", "qemu"])
        check.assertEqual(server.scheduler.device_types.aliases.list("qemu"), ["virtual"])

    client = "scripts of vendors"
    with table.row(client, "job_health, get_recent_jobs_for_device(_type)"):
        check.assertEqual(server.scheduler.job_health(number)["job_health"], "Complete")
        recent = server.scheduler.get_recent_jobs_for_device_type("qemu", 1)[0]
        check.assertEqual((recent["id"], recent["status"]), (number, "Complete"))
        check.assertEqual(server.scheduler.get_recent_jobs_for_device(recent["device"], 1)[0]["id"], number)
    with table.row(client, "jobs.configuration, validate_pipeline_devices"):
        files = server.scheduler.jobs.configuration(number)
        check.assertEqual(yaml.safe_load(files[0].data)["job_name"], "lqa")
        check.assertIn("actions", yaml.safe_load(files[1].data))
        verdicts = yaml.safe_load(server.scheduler.validate_pipeline_devices("qemu").data)
        check.assertEqual(verdicts, {"qemu-01": {"Valid": None}, "qemu-02": {"Valid": None}})
    with table.row(client, "results are there only when the job has some"):
        waiting = server.scheduler.submit_job(lab.fast_job("", "vendor").replace("device_type: qemu", "device_type: board"))
        check.assertEqual(yaml.safe_load(server.results.get_testjob_results_yaml(waiting)), [])
        server.scheduler.cancel_job(waiting)
    with table.row(client, "system.listMethods: each is answered by name", "H6"):
        calls = [{"methodName": name, "params": []} for name in server.system.listMethods() if name != "system.multicall"]
        answered = [answer for at in range(0, len(calls), 50) for answer in server.system.multicall(calls[at:at + 50])]
        check.assertEqual(len(answered), len(calls))
        unknown = [entry["faultString"] for entry in answered if isinstance(entry, dict) and entry["faultCode"] == -32601]
        check.assertEqual(unknown, [])
        with check.assertRaises(xmlrpc.client.Fault) as refused:
            server.results.run_query("mine")
        check.assertEqual(refused.exception.faultCode, -32601)
