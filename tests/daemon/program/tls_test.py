#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTPS as clients know it: curl, Python and lavacli, with a certificate that a test authority signed."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from authority import Authority  # noqa: E402
from lab import Lab, free_port  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class Tls(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(PROGRAMS)
        self.addCleanup(self.lab.close)
        self.authority = Authority(self.lab.state)
        self.authority.sign(serial=7)
        self.port = free_port()
        self.configure()

    def configure(self, certificate="lab.pem", key="lab.key"):
        self.lab.config.write_text(f"tls:\n  listen: 127.0.0.1:{self.port}\n  certificate: {self.lab.state / certificate}\n"
                                   f"  key: {self.lab.state / key}\n")

    def context(self):
        return ssl.create_default_context(cafile=self.authority.file)

    def connection(self, context=None):
        return http.client.HTTPSConnection("localhost", self.port, context=context or self.context(), timeout=60)

    def ask(self, connection, path="/api/v0.2/system/version/"):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def serial(self):
        with contextlib.closing(self.connection()) as connection:
            connection.connect()
            return int(connection.sock.getpeercert()["serialNumber"], 16)

    def eventually(self, condition, seconds=40):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.1)
        self.assertTrue(condition(), self.lab.daemon_log())

    def test_curl_and_lavacli_are_served_beside_http(self):
        self.lab.start()
        token = self.lab.add_user()
        out = subprocess.run(["curl", "--silent", "--show-error", "--cacert", self.authority.file, "-H",
                              "Authorization: Token " + token, f"https://localhost:{self.port}/api/v0.2/system/whoami/"],
                             check=True, stdout=subprocess.PIPE, timeout=60).stdout
        self.assertEqual(json.loads(out), {"user": "admin"})
        self.assertEqual(self.lab.get("/api/v0.2/system/whoami/").json(), {"user": "admin"})
        environment = dict(os.environ, SSL_CERT_FILE=str(self.authority.file), REQUESTS_CA_BUNDLE=str(self.authority.file),
                           XDG_CONFIG_HOME=str(self.lab.state))
        out = subprocess.run(["lavacli", "--uri", f"https://admin:{token}@localhost:{self.port}/RPC2", "system", "whoami"],
                             check=True, stdout=subprocess.PIPE, timeout=120, env=environment, text=True).stdout
        self.assertEqual(out, "admin\n")

    def test_links_say_https_to_who_came_by_it(self):
        self.lab.start()
        with contextlib.closing(self.connection()) as connection:
            status, body = self.ask(connection, "/api/v0.2/devices/?limit=1")
            self.assertEqual(status, 200)
            self.assertTrue(json.loads(body)["next"].startswith(f"https://localhost:{self.port}/"), body)

    def test_many_requests_and_large_ones_go_over_one_connection(self):
        self.lab.start()
        token = self.lab.add_user()
        with contextlib.closing(self.connection()) as connection:
            for _ in range(20):
                self.assertEqual(self.ask(connection)[0], 200)
            text = "x" * 3_000_000
            connection.request("POST", "/api/v0.2/jobs/validate/", body=json.dumps({"definition": text}),
                               headers={"Content-Type": "application/json", "Authorization": "Token " + token})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200, answer.read()[:200])
            answer.read()
            self.assertEqual(self.ask(connection)[0], 200)

    def test_versions_before_1_2_are_refused(self):
        self.lab.start()
        for version, good in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
            with self.subTest(version), contextlib.closing(self.connection(self.only(version))) as connection:
                if good:
                    self.assertEqual(self.ask(connection)[0], 200)
                else:
                    self.assertRaises(ssl.SSLError, connection.connect)

    def only(self, version):
        context = self.context()
        context.set_ciphers("ALL:@SECLEVEL=0")  # else the client itself would refuse
        context.minimum_version = context.maximum_version = version
        return context

    def test_a_new_certificate_is_taken_at_sighup_and_no_connection_is_dropped(self):
        self.lab.start()
        with contextlib.closing(self.connection()) as old:
            self.assertEqual(self.ask(old)[0], 200)
            self.authority.sign(serial=8)
            self.lab.daemon.send_signal(signal.SIGHUP)
            self.eventually(lambda: self.serial() == 8)
            self.assertEqual(self.ask(old)[0], 200)

    def test_a_new_certificate_is_taken_without_a_signal(self):
        self.lab.start()
        self.assertEqual(self.serial(), 7)
        self.authority.sign(serial=9)
        self.eventually(lambda: self.serial() == 9)

    def test_a_broken_new_certificate_leaves_the_old_one(self):
        self.lab.start()
        (self.lab.state / "lab.key").write_text("nothing\n")
        self.lab.daemon.send_signal(signal.SIGHUP)
        self.eventually(lambda: "tls certificate not renewed, the old one goes on" in self.lab.daemon_log())
        self.assertEqual(self.serial(), 7)

    def test_sighup_without_a_certificate_ends_nothing(self):
        self.lab.config.write_text("")
        self.lab.start()
        self.lab.daemon.send_signal(signal.SIGHUP)
        self.assertEqual(self.lab.get("/v1/healthz/").status, 200)
        self.assertIsNone(self.lab.daemon.poll())

    def test_a_certificate_that_cannot_be_used_is_named_at_the_start(self):
        for certificate, key, words in (("none.pem", "lab.key", "none.pem: cannot be read: No such file or directory"),
                                        ("lab.pem", "authority.key", "authority.key: key values mismatch"),
                                        ("lab.key", "lab.key", "lab.key: no start line")):
            self.configure(certificate, key)
            for command in ("check", "serve"):
                with self.subTest(words, command=command):
                    done = subprocess.run(self.lab.command(command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                          text=True, timeout=60, check=False)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
