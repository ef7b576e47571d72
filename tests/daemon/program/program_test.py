#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""patchbayd as the program that an operator starts: what it says, what it ends with, what it tells systemd."""

import fcntl
import json
import os
import pathlib
import pwd
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from lab import Lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(PROGRAMS)
        self.addCleanup(self.lab.close)

    def run_command(self, *arguments):
        return subprocess.run(self.lab.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)

    def expect_refusal(self, words, *arguments):
        done = self.run_command(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stdout, "")
        self.assertIn(words, done.stderr)

    def test_users_and_tokens_are_made_and_taken_away_beside_a_running_daemon(self):
        self.lab.start()
        self.assertEqual(self.run_command("user", "add", "bob").stdout, "user bob added\n")
        secret = self.run_command("token", "add", "bob", "--description", "ci").stdout.strip()
        self.assertEqual(self.lab.get("/api/v0.2/jobs/", token=secret).status, 200)
        self.assertRegex(self.run_command("token", "list", "bob").stdout, r"^1\tbob\t\S+\tci\n$")
        self.assertEqual(self.run_command("token", "delete", "1").stdout, "token 1 deleted\n")
        self.assertEqual(self.lab.get("/api/v0.2/jobs/", token=secret).status, 403)
        self.assertEqual(self.run_command("user", "list").stdout, "bob\n")

    def test_groups_and_permissions_take_effect_beside_a_running_daemon(self):
        self.lab.start()
        self.run_command("user", "add", "bob")
        secret = self.run_command("token", "add", "bob").stdout.strip()
        self.assertEqual(self.run_command("group", "add", "lab").stdout, "group lab added\n")
        self.assertEqual(self.run_command("permission", "add", "view_device", "qemu-01", "--group", "lab").stdout,
                         "group lab: view_device on qemu-01\n")
        self.assertEqual(self.lab.get("/api/v0.2/devices/qemu-01/", token=secret).status, 404)
        self.assertEqual(self.run_command("group", "join", "lab", "bob").stdout, "user bob is in group lab\n")
        self.assertEqual(self.lab.get("/api/v0.2/devices/qemu-01/", token=secret).status, 200)
        self.run_command("permission", "add", "lava_scheduler_app.view_testjob", "--user", "bob")
        self.assertEqual(self.run_command("permission", "list").stdout,
                         "group\tlab\tview_device\tqemu-01\nuser\tbob\tlava_scheduler_app.view_testjob\n")
        self.assertEqual(self.run_command("user", "show", "bob").stdout,
                         "name: bob\nsuperuser: no\nactive: yes\ngroup: lab\n"
                         "permission: lava_scheduler_app.view_testjob\n")
        self.assertEqual(self.run_command("group", "list").stdout, "lab\tbob\n")
        self.expect_refusal("group 'lab': still has permissions on 'qemu-01'", "group", "delete", "lab")
        self.assertEqual(self.run_command("group", "leave", "lab", "bob").returncode, 0)
        self.assertEqual(self.run_command("permission", "delete", "view_device", "qemu-01", "--group", "lab").stdout,
                         "group lab: view_device on qemu-01: deleted\n")
        self.assertEqual(self.run_command("group", "delete", "lab").stdout, "group lab deleted\n")
        self.assertEqual(self.run_command("user", "disable", "bob").returncode, 0)
        self.assertEqual(self.lab.get("/api/v0.2/devices/", token=secret).status, 403)
        self.assertEqual(self.run_command("user", "enable", "bob").returncode, 0)
        self.assertEqual(self.lab.get("/api/v0.2/devices/", token=secret).status, 200)

    def test_a_waiting_job_starts_when_a_command_gives_its_submitter_the_right(self):
        self.lab.start()
        self.lab.add_user()
        bob = self.lab.add_user("bob", superuser=False)
        health = "/api/v0.2/devices/%s/set_health/"
        for device in ("qemu-01", "qemu-02"):
            self.assertEqual(self.lab.request("POST", health % device, {"health": "Maintenance"}).status, 202)
        definition = ("{job_name: waits, device_type: qemu, visibility: public, timeouts: {job: {minutes: 1}}, "
                      "actions: [{boot: {method: qemu, prompts: ['#']}}]}")
        answer = self.lab.request("POST", "/api/v0.2/jobs/", {"definition": definition}, token=bob)
        self.assertEqual(answer.status, 201, answer.body)
        job = answer.json()["job_ids"][0]
        self.run_command("group", "add", "lab")
        self.run_command("permission", "add", "submit_to_device", "qemu-01", "--group", "lab")
        self.assertEqual(self.lab.request("POST", health % "qemu-01", {"health": "Good"}).status, 202)
        why = self.lab.get(f"/api/v0.2/jobs/{job}/why/").body.decode()
        self.assertIn("no permission to submit", why)
        self.assertEqual(self.lab.job(job)["state"], "Submitted")
        done = self.run_command("group", "join", "lab", "bob")
        self.assertEqual((done.stdout, done.stderr), ("user bob is in group lab\n", ""))
        self.wait_until(lambda: self.lab.job(job)["state"] != "Submitted")

    def test_a_token_is_given_for_a_password_that_is_read_from_standard_input(self):
        self.lab.start()
        self.run_command("user", "add", "bob")
        set_password = self.lab.command("user", "password", "bob")
        done = subprocess.run(set_password, input="correct horse\n", stdout=subprocess.PIPE, check=True, text=True, timeout=60)
        self.assertEqual(done.stdout, "user bob has a new password\n")
        login = {"username": "bob", "password": "correct horse"}
        answer = self.lab.request("POST", "/api/v0.2/token/", login, token=None)
        self.assertEqual(answer.status, 200, answer.body)
        whoami = self.lab.get("/api/v0.2/system/whoami/", token=answer.json()["token"])
        self.assertEqual(whoami.json(), {"user": "bob"})
        self.assertEqual(self.run_command("user", "password", "bob", "--none").stdout, "user bob has no password\n")
        self.assertEqual(self.lab.request("POST", "/api/v0.2/token/", login, token=None).status, 400)
        self.expect_refusal("has 8 to 1000 bytes", "user", "password", "bob")
        self.assertNotIn("horse", self.run_command("audit").stdout + self.lab.daemon_log())

    def test_a_remote_token_is_recorded_without_its_secret(self):
        self.run_command("user", "add", "bob")
        subprocess.run(self.lab.command("remote-token", "add", "bob", "nexus"), input="Bearer s3cr3t\n", check=True,
                       stdout=subprocess.DEVNULL, text=True, timeout=60)
        self.run_command("remote-token", "delete", "bob", "nexus")
        self.expect_refusal("remote token 'nexus': user bob has none", "remote-token", "delete", "bob", "nexus")
        deeds = self.run_command("audit", "--object", "nexus").stdout
        self.assertEqual([line.split("\t")[2:] for line in deeds.splitlines()],
                         [["remote-token.delete", "nexus", "of bob"], ["remote-token.add", "nexus", "of bob"]])
        self.assertNotIn("s3cr3t", deeds)

    def test_what_administrators_do_is_recorded_with_their_name(self):
        self.run_command("user", "add", "bob", "--superuser")
        self.run_command("user", "add", "bob")  # is refused, and nothing is done
        self.run_command("token", "add", "bob", "--description", "ci")
        self.run_command("user", "demote", "bob")
        deeds = [line.split("\t")[1:] for line in self.run_command("audit").stdout.splitlines()]
        who = "patchbayd:" + pwd.getpwuid(os.getuid()).pw_name
        self.assertEqual(deeds, [[who, "user.demote", "bob", ""], [who, "token.add", "bob", "ci"],
                                 [who, "user.add", "bob", "superuser"]])
        self.assertEqual(len(self.run_command("audit", "--action", "token.add").stdout.splitlines()), 1)
        self.assertEqual(len(self.run_command("audit", "--limit", "2").stdout.splitlines()), 2)
    def test_workers_get_tokens_beside_a_running_daemon(self):
        self.lab.start()
        self.lab.add_user()
        token = self.run_command("worker", "token", "rack-2").stdout.strip()
        self.assertRegex(token, "^[a-z0-9]{32}$")
        ping = "/scheduler/internal/v1/workers/rack-2/?version=2023.01"
        self.assertEqual(self.lab.get(ping, headers={"LAVA-Token": token}).json(), {"cancel": [], "running": [], "start": []})
        self.assertRegex(self.run_command("worker", "list").stdout, r"^rack-2\tOnline\t2023.01\t\S+\n$")
        again = self.run_command("worker", "token", "rack-2").stdout.strip()
        self.assertEqual(self.lab.get(ping, headers={"LAVA-Token": token}).status, 400)
        self.assertEqual(self.lab.get(ping, headers={"LAVA-Token": again}).status, 200)
        here = self.lab.get("/api/v0.2/devices/qemu-01/").json()["worker_host"]
        self.expect_refusal("is the machine of the daemon", "worker", "token", here)
        self.expect_refusal("choose another", "worker", "token", "a b")
        self.assertEqual(self.run_command("worker", "delete", "rack-2").stdout, "worker rack-2 deleted\n")
        self.expect_refusal("does not exist", "worker", "delete", "rack-2")
        self.assertEqual(self.lab.get(ping, headers={"LAVA-Token": again}).status, 404)

    def test_what_a_client_writes_makes_no_line_of_the_log(self):
        self.lab.start()
        self.lab.add_user()
        forged = "soldering\n[2026-01-01 00:00:00.000] [info] device health set device=qemu-02"
        answer = self.lab.request("POST", "/api/v0.2/devices/qemu-01/set_health/",
                                  {"health": "Maintenance", "reason": forged})
        self.assertEqual(answer.status, 202, answer.body)
        self.lab.kill(signal.SIGTERM)  # what it logged is in the file
        log = self.lab.daemon_log()
        self.assertRegex(log, r'device health changed device=qemu-01 from=\w+ to=Maintenance reason="soldering\\n\[2026')
        self.assertEqual([line for line in log.splitlines() if line.startswith("[2026-01-01")], [])

    def test_secrets_of_receivers_are_stored_by_name_and_never_shown(self):
        self.run_command("user", "add", "bob")
        done = subprocess.run(self.lab.command("remote-token", "add", "bob", "ci"), input="hidden secret\n", text=True,
                              stdout=subprocess.PIPE, check=True)
        self.assertEqual(done.stdout, "remote token ci of bob stored\n")
        self.assertRegex(self.run_command("remote-token", "list").stdout, r"^bob\tci\t\S+\n$")
        self.assertEqual(self.run_command("remote-token", "delete", "bob", "ci").stdout, "remote token ci of bob deleted\n")
        self.assertEqual(self.run_command("remote-token", "list", "bob").stdout, "")
        self.expect_refusal("remote token 'ci': user bob has none", "remote-token", "delete", "bob", "ci")
        done = subprocess.run(self.lab.command("remote-token", "add", "bob", "ci"), input="two\nlines\n", text=True,
                              stderr=subprocess.PIPE, check=False)
        self.assertIn("no control character", done.stderr)
        self.assertEqual(self.run_command("user", "email", "bob", "bob@x").stdout, "mail for bob goes to bob@x\n")
        self.assertEqual(self.run_command("user", "email", "bob").stdout, "user bob gets no mail\n")
        self.expect_refusal("is no mail address", "user", "email", "bob", "b o b")

    def test_what_cannot_be_done_is_named_with_the_next_step(self):
        self.run_command("user", "add", "bob")
        self.expect_refusal("notification 7: was not given up", "outbox", "retry", "7")
        self.assertEqual(self.run_command("outbox", "retry").returncode, 2)
        self.expect_refusal("user 'bob': exists already", "user", "add", "bob")
        self.expect_refusal("user 'no such': a name has", "user", "add", "no such")
        self.expect_refusal("`patchbayd user add eve` makes it", "token", "add", "eve")
        self.expect_refusal("token 7: does not exist", "token", "delete", "7")
        self.expect_refusal("`patchbayd group add lab` makes it", "group", "join", "lab", "bob")
        self.run_command("group", "add", "lab")
        self.expect_refusal("user 'bob': is not in group 'lab'", "group", "leave", "lab", "bob")
        self.expect_refusal("device 'nope': the lab has none", "permission", "add", "view_device", "nope", "--group", "lab")
        self.expect_refusal("permission 'fly': on one device it is view_device,", "permission", "add", "fly", "qemu-01",
                            "--group", "lab")
        self.expect_refusal("permission 'fly': is none of auth.add_group,", "permission", "add", "fly", "--user", "bob")
        self.expect_refusal("is given to nobody: devices come and go with the lab's configuration file", "permission",
                            "add", "lava_scheduler_app.delete_device", "--user", "bob")
        self.expect_refusal("is given to a group, not to a user", "permission", "add", "view_device", "qemu-01",
                            "--user", "bob")
        self.expect_refusal("was not granted", "permission", "delete", "auth.add_user", "--user", "bob")
        self.expect_refusal("the port is a number from 0 to 65535", "serve", "--listen", "127.0.0.1:99999")

    def test_an_address_in_use_is_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            self.expect_refusal(f"listen {address}: Address already in use", "serve", "--listen", address)

    def test_every_mistake_of_the_configuration_is_printed_with_its_place(self):
        self.assertEqual(self.run_command("check").stdout, "configuration is good\n")
        self.lab.config.write_text("listne: x\nbody_limit: 3\n")
        self.expect_refusal(":1:1: unknown key 'listne' (did you mean 'listen'?)", "check")
        self.expect_refusal(":2:13: body_limit: must be at least 1024 bytes", "check")

    def check_files(self, *arguments, status):
        """By both programs, which say the same."""
        said = []
        for program in ("patchbayd", "patchbay"):
            done = subprocess.run([str(PROGRAMS / program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, timeout=60, check=False)
            said.append((done.returncode, done.stdout, done.stderr))
        self.assertEqual(said[0], said[1])
        self.assertEqual(said[0][0], status, said[0])
        return said[0][1:]

    def test_files_of_any_kind_are_checked_before_a_daemon_reads_them(self):
        names = ("lab.yaml", "rules.yaml", "device.yaml", "check.yaml", "bad.yaml", "job.yaml")
        lab, rules, device, check, bad, job = (str(self.lab.state / name) for name in names)
        pathlib.Path(lab).write_text(f"listne: x\nsharing: {rules}\ndevice_types: {{qemu: {{health_check: {check}}}}}\n"
                                     f"devices:\n- {{name: a, file: {device}}}\n- {{name: b, file: {device}}}\n")
        pathlib.Path(rules).write_text("rules:\n- {name: guests, users: [a], max_priority: 101}\n- {nam: x}\n")
        pathlib.Path(device).write_text("constants: {spawn_maxread: none}\nparameters: {}\nactions: {}\n")
        pathlib.Path(bad).write_text("rules: [\n")
        pathlib.Path(job).write_text("job_name: x\nactions: []\n")
        ours = [f"{rules}:2:44: rules[0].max_priority: must be from 0 to 100"]
        theirs = [f"{device}:1:28: constants.spawn_maxread: must be a whole number, 1 or more"]
        for file, words in ((rules, ours), (device, theirs), (bad, [f"{bad}:2:1:"]), (check, [f"cannot read {check}"]),
                            (job, [f"{job}: is a job definition; `patchbay validate` checks it"]),
                            (lab, [f"{lab}:1:1: unknown key 'listne'", f"{check}: health check", *ours, *theirs])):
            out, err = self.check_files("check", file, status=1)
            self.assertEqual(out, "")
            for text in words:
                self.assertEqual(err.count(text), 1, err)
        out, err = self.check_files("check", rules, device, status=1)
        self.assertIn(theirs[0], err.partition(ours[0])[2])
        out, _ = self.check_files("check", "--json", lab, rules, status=1)
        said = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(one["file"], one["ok"]) for one in said], [(lab, False), (rules, False)])
        self.assertTrue(said[1]["problems"][0].startswith(ours[0]), said[1])
        pathlib.Path(lab).write_text("body_limit: 4096\n")
        self.assertEqual(self.check_files("check", "--", lab, status=0), (f"{lab}: good\n", ""))

    def test_health_checks_are_read_when_the_configuration_is(self):
        check = self.lab.state / "check.yaml"
        self.lab.config.write_text(f"device_types: {{qemu: {{health_check: {check}}}}}\n")
        self.expect_refusal(f"{check}: health check cannot be read", "check")
        check.write_text("job_name: x\n")
        self.expect_refusal(f"{check}: this health check cannot become a job: it has no visibility", "check")

    def test_every_mistake_of_the_rules_of_sharing_is_printed_with_its_place(self):
        rules = self.lab.config.with_name("sharing.yaml")
        rules.write_text("timezone: Europe/Berlin\nrules:\n- {name: guests, users: [kernelci], windows: [Sat]}\n")
        self.lab.config.write_text(f"sharing: {rules}\n")
        self.assertEqual(self.run_command("check").stdout, "configuration is good\n")
        rules.write_text("rules:\n- {name: guests, users: [kernelci], max_priority: 101}\n- {nam: x}\n")
        self.expect_refusal("sharing.yaml:2:51: rules[0].max_priority: must be from 0 to 100", "check")
        self.expect_refusal("sharing.yaml:3:4: rules[1]: unknown key 'nam' (did you mean 'name'?)", "check")
        self.expect_refusal("sharing.yaml:3:4: rules[1]: unknown key 'nam'", "serve")

    def test_the_rules_of_sharing_are_read_again_without_a_restart(self):
        rules = self.lab.config.with_name("sharing.yaml")
        self.lab.config.write_text(f"sharing: {rules}\ndevices: []\n")
        rules.write_text("rules: []\n")
        self.expect_refusal("no patchbayd serves", "reload")
        self.lab.start()
        rules.write_text("rules: [{name: guests, users: [kernelci], max_running: 1}]\n")
        self.assertRegex(self.run_command("reload").stdout, r"^told patchbayd \(pid \d+\) to read its devices, its rules of sharing and its certificate again\n$")
        self.wait_for_log("rules of sharing reloaded")
        rules.write_text("rules: [{nam: guests}]\n")
        self.expect_refusal("unknown key 'nam'", "reload")
        self.lab.daemon.send_signal(signal.SIGHUP)
        self.wait_for_log("rules of sharing not reloaded, the old ones hold")
        self.assertEqual(self.lab.get("/v1/healthz/").status, 200)

    def test_a_sharing_file_that_cannot_be_read_changes_nothing(self):
        rules = self.lab.config.with_name("sharing.yaml")
        self.lab.config.write_text(f"sharing: {rules}\ndevices: []\n")
        rules.write_text("rules: []\n")
        self.lab.start()
        rules.unlink()
        rules.mkdir()
        self.expect_refusal(f"cannot read {rules}: Is a directory", "reload")
        self.lab.daemon.send_signal(signal.SIGHUP)
        self.wait_for_log("rules of sharing not reloaded, the old ones hold")
        self.assertEqual(self.lab.get("/v1/healthz/").status, 200)

    def test_a_hangup_while_starting_is_survived(self):
        rules = self.lab.config.with_name("sharing.yaml")
        self.lab.config.write_text(f"sharing: {rules}\ndevices: []\n")
        rules.write_text("rules: []\n")
        ours = self.lab.state / "daemon.lock"
        with open(self.lab.state / "patchbay.db.lock", "w") as store:
            fcntl.flock(store, fcntl.LOCK_EX)  # the daemon waits for it, as for a dying one
            starting = threading.Thread(target=self.lab.start)
            starting.start()
            self.wait_until(lambda: ours.exists() and ours.read_text())
            self.lab.daemon.send_signal(signal.SIGHUP)
        starting.join()
        self.assertEqual(self.lab.get("/v1/healthz/").status, 200)

    def wait_for_log(self, words):
        self.wait_until(lambda: words in self.lab.daemon_log())

    def wait_until(self, condition):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end, self.lab.daemon_log())
            time.sleep(0.02)

    def test_a_state_directory_that_cannot_be_made_is_named(self):
        done = subprocess.run([PROGRAMS / "patchbayd", "serve", "--state", "/dev/null/state"], stderr=subprocess.PIPE,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("state directory /dev/null/state: cannot be made: Not a directory", done.stderr)

    def test_the_store_is_not_for_other_users(self):
        self.lab.start()
        for path in self.lab.state.rglob("*"):
            if path.name.startswith(("patchbay.db", "leases")):
                self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o007, 0, path)

    def test_systemd_is_told_when_it_serves_and_when_it_stops(self):
        with tempfile.TemporaryDirectory() as folder:
            for address, name in ((folder + "/notify", folder + "/notify"), (f"\0{folder}", "@" + folder)):
                with self.subTest(name), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                    manager.bind(address)
                    manager.settimeout(60)
                    os.environ["NOTIFY_SOCKET"] = name
                    self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
                    self.lab.start()
                    self.assertEqual(manager.recv(100), b"READY=1")
                    self.lab.kill(signal.SIGTERM)
                    self.assertEqual(manager.recv(100), b"STOPPING=1")
                    self.assertEqual(self.lab.daemon.returncode, 0)


if __name__ == "__main__":
    unittest.main()
