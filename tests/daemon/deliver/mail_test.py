#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mails of the whole daemon through a real SMTP server (aiosmtpd): who gets one, what it says, what is tried again."""

import email
import email.policy
import os
import pathlib
import pwd
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from lab import Lab, free_port  # noqa: E402

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
except ImportError:
    print("python3-aiosmtpd is not installed (scripts/install-deps test)")
    sys.exit(77)

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class Mailbox:
    """What the server took; `answers` are given to the first mails instead of taking them."""

    def __init__(self):
        self.envelopes, self.answers = [], []

    async def handle_DATA(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append((envelope, session.authenticated, session.ssl is not None))
        return "250 taken"


class MailTest(unittest.TestCase):
    def start(self, settings="", **controller):
        """The lab's one device takes no jobs: a job that is cancelled in the queue has ended."""
        self.mailbox = Mailbox()
        port = free_port()
        self.server = Controller(self.mailbox, hostname="127.0.0.1", port=port, **controller)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.lab = Lab(PROGRAMS, "devices: [{name: qemu-01}]\nnotifications:\n  first_retry: 1s\n  lab_url: https://lab.example\n"
                       f"  mail: {{server: 'smtp://localhost:{port}', from: lab@lab.example{settings}}}\n")
        self.addCleanup(self.lab.close)
        self.lab.start()
        self.lab.add_user("alice")
        answer = self.lab.request("POST", "/api/v0.2/devices/qemu-01/set_health/", {"health": "Maintenance", "reason": "x"})
        self.assertEqual(answer.status, 202)

    def command(self, *arguments):
        return subprocess.run(self.lab.command(*arguments), check=True, stdout=subprocess.PIPE, text=True).stdout

    def ended_job(self, notify, name="nightly"):
        definition = (f"job_name: '{name}'\ndevice_type: qemu\nvisibility: public\npriority: medium\ntimeouts: {{job: {{minutes: 5}}}}\n"
                      'metadata: {note: "a\\n.\\nb"}\n'
                      "actions:\n- deploy: {to: tmpfs, images: {kernel: {url: 'http://x/y'}}}\n"
                      f"notify: {notify}\n")
        job = int(self.lab.submit(definition))
        self.lab.get(f"/api/v0.2/jobs/{job}/cancel/")
        return job

    def notifications(self, job):
        return self.lab.get(f"/api/v0.2/jobs/{job}/notifications/").json()["results"]

    def wait(self, job, state, count=1):
        end = time.monotonic() + 30
        while [row["state"] for row in self.notifications(job)] != [state] * count:
            self.assertLess(time.monotonic(), end, self.notifications(job))
            time.sleep(0.05)
        return self.notifications(job)

    def message(self, index=0):
        return email.message_from_bytes(self.mailbox.envelopes[index][0].content, policy=email.policy.default)

    def text(self):
        return self.message().get_content().replace("\r\n", "\n")

    def test_who_names_nobody_gets_the_mail_as_submitter(self):
        self.start()
        self.assertEqual(self.command("user", "email", "alice", "alice@lab.example"), "mail for alice goes to alice@lab.example\n")
        name = "N\u00e4chtlich \u2713 " + "long " * 20 + "name"
        job = self.ended_job("{criteria: {status: finished}}", name=name)
        self.wait(job, "sent")
        envelope = self.mailbox.envelopes[0][0]
        self.assertEqual((envelope.mail_from, envelope.rcpt_tos), ("lab@lab.example", ["alice@lab.example"]))
        message = self.message()
        self.assertEqual(message["Subject"], f"LAVA notification for Test Job {job} {name}")
        self.assertEqual((message["From"], message["To"]), ("lab@lab.example", "alice@lab.example"))
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        text = self.text()
        self.assertIn(f"The job with ID # {job} is now in state Finished and health Canceled. Job was submitted by alice.", text)
        self.assertIn(f"https://lab.example/api/v0.2/jobs/{job}/", text)
        self.assertIn("Device details: None (qemu)", text)
        self.assertNotIn("Results of suite", text)

    def test_recipients_get_one_mail_each_and_verbose_ones_the_results(self):
        self.start()
        self.command("user", "add", "bob")
        self.command("user", "email", "bob", "bob@lab.example")
        job = self.ended_job("{criteria: {status: all}, verbosity: verbose, recipients: [{to: {method: email, user: bob}}, "
                             "{to: {method: email, email: team@lab.example}}]}")
        self.wait(job, "sent", 2)
        self.assertEqual(sorted(e[0].rcpt_tos[0] for e in self.mailbox.envelopes), ["bob@lab.example", "team@lab.example"])
        self.assertIn("Results of suite lava:\n  job: fail\n", self.text())

    def test_what_the_server_takes_later_is_sent_again_and_what_it_refuses_is_given_up(self):
        self.start()
        self.mailbox.answers = ["451 later", "421 later still"]
        to = "recipients: [{to: {method: email, email: a@lab.example}}]"
        job = self.ended_job(f"{{criteria: {{status: finished}}, {to}}}")
        self.assertEqual(self.wait(job, "sent")[0]["attempts"], 3)
        self.mailbox.answers = ["550 never"]
        row = self.wait(self.ended_job(f"{{criteria: {{status: finished}}, {to}}}"), "given up")[0]
        self.assertEqual((row["status"], row["attempts"]), (550, 1))
        self.assertIn("mail server", row["problem"])
        self.assertIn(f"{row['address']}\tmail server", self.command("outbox", "list"))
        self.assertEqual(self.command("outbox", "retry", str(row["id"])), "1 notification(s) will be sent again\n")
        deeds = [line.split("\t")[1:] for line in self.command("audit", "--action", "notification.retry").splitlines()]
        self.assertEqual(deeds, [["patchbayd:" + pwd.getpwuid(os.getuid()).pw_name, "notification.retry",
                                  f"notification {row['id']}", "1 sent again"]])
        end = time.monotonic() + 30
        while len(self.mailbox.envelopes) < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_a_line_of_one_dot_ends_no_mail_and_a_name_makes_no_header(self):
        self.start()
        job = self.ended_job("{criteria: {status: finished}, verbosity: verbose, "
                             "recipients: [{to: {method: email, email: a@lab.example}}]}", name="x\n\n.\n\nBcc: evil@lab.example")
        self.wait(job, "sent")
        self.assertIsNone(self.message()["Bcc"])
        self.assertEqual(self.mailbox.envelopes[0][0].rcpt_tos, ["a@lab.example"])
        self.assertIn("note: a\n.\nb\n\nResults of suite lava", self.text())

    def test_a_login_goes_over_an_encrypted_connection(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        key, certificate, password = folder / "key", folder / "certificate", folder / "password"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate], check=True,
                       stderr=subprocess.DEVNULL)
        password.write_text("pass word\n")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        seen = []

        def authenticate(server, session, envelope, mechanism, data):
            seen.append((data.login, data.password))
            return AuthResult(success=True)

        os.environ["SSL_CERT_FILE"] = str(certificate)
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
        self.start(f", user: lab, password_file: {password}", tls_context=context, authenticator=authenticate, auth_required=True)
        job = self.ended_job("{criteria: {status: finished}, recipients: [{to: {method: email, email: a@lab.example}}]}")
        self.wait(job, "sent")
        self.assertEqual(seen, [(b"lab", b"pass word")])
        self.assertTrue(self.mailbox.envelopes[0][2], "encrypted")

    def test_a_password_is_not_told_to_a_server_that_offers_no_encryption(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "password").write_text("secret\n")
        self.start(f", user: lab, password_file: {folder / 'password'}")
        job = self.ended_job("{criteria: {status: finished}, recipients: [{to: {method: email, email: a@lab.example}}]}")
        end = time.monotonic() + 30
        while not self.notifications(job) or self.notifications(job)[0]["attempts"] == 0:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assertEqual(self.notifications(job)[0]["state"], "waiting")
        self.assertEqual(self.mailbox.envelopes, [])


if __name__ == "__main__":
    unittest.main()
