#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The limits of an operator's configuration, at work behind a proxy."""

import base64
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from lab import Lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class Limits(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(PROGRAMS, config="trusted_proxies: [127.0.0.0/8]\n"
                       "limits: {requests_per_client: 2, requests_per_token: 1, failed_logins_per_client: 1}\n")
        self.addCleanup(self.lab.close)
        self.lab.start()

    def status(self, client, headers=None, path="/v1/healthz/", method="GET"):
        headers = {"X-Forwarded-For": client, **(headers or {})}
        return self.lab.request(method, path, headers=headers, token=None, body=b"" if method == "POST" else None).status

    def test_a_client_is_told_to_wait(self):
        statuses = [self.status("198.51.100.1") for _ in range(40)]
        self.assertEqual(statuses[:20], [200] * 20)
        self.assertIn(429, statuses)
        answer = self.lab.get("/v1/healthz/", headers={"X-Forwarded-For": "198.51.100.1"}, token=None)
        if answer.status == 429:  # unless this machine was too slow for the rate
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(self.status("198.51.100.2"), 200)

    def test_wrong_tokens_of_rest_and_xmlrpc_count_together_and_are_logged(self):
        wrong = {"Authorization": "Token " + "x" * 128}
        pair = {"Authorization": "Basic " + base64.b64encode(b"bob:guess").decode(), "Content-Type": "text/xml"}
        self.assertEqual(self.status("198.51.100.1", wrong, "/api/v0.2/jobs/"), 403)
        self.assertEqual(self.status("198.51.100.1", pair, "/RPC2", "POST"), 401)
        self.assertEqual(self.status("198.51.100.1", wrong, "/api/v0.2/jobs/"), 403)
        self.assertEqual(self.status("198.51.100.1", pair, "/RPC2", "POST"), 429)
        self.assertEqual(self.status("198.51.100.1", path="/api/v0.2/jobs/"), 200)
        right = {"Authorization": "Token " + self.lab.add_user()}
        self.assertEqual(self.status("198.51.100.3", right, "/api/v0.2/jobs/"), 200)
        self.assertEqual(self.status("198.51.100.1", right, "/api/v0.2/jobs/"), 200)
        self.lab.kill(signal.SIGTERM)  # what it logged is in the file
        self.assertIn("login failed client=198.51.100.1 path=/api/v0.2/jobs/", self.lab.daemon_log())

    def test_no_answer_but_one_to_a_known_user_makes_a_token_right(self):
        wrong = {"Authorization": "Token " + "x" * 128}
        guess = {"Authorization": "Token " + "y" * 128}
        large = {**wrong, "Content-Type": "application/json"}
        body = b'{"definition": "' + b"x" * 100_000 + b'"}'
        self.assertEqual(self.status("198.51.100.4", guess, "/nowhere/"), 404)
        self.assertEqual(self.status("198.51.100.4", guess, "/api/v0.2/jobs/?format=xml"), 404)
        self.assertEqual(self.status("198.51.100.4", guess, "/RPC2"), 405)
        for _ in range(3):
            answer = self.lab.request("POST", "/api/v0.2/jobs/", body, {**large, "X-Forwarded-For": "198.51.100.4"}, None)
            self.assertEqual(answer.status, 413)
        answer = self.lab.request("POST", "/api/v0.2/jobs/", body, {**large, "X-Forwarded-For": "198.51.100.4"}, None)
        self.assertEqual(answer.status, 429)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(self.status("198.51.100.4", guess, "/api/v0.2/jobs/"), 429)
        right = {**large, "Authorization": "Token " + self.lab.add_user()}
        answer = self.lab.request("POST", "/api/v0.2/jobs/", body, {**right, "X-Forwarded-For": "198.51.100.5"}, None)
        self.assertEqual(answer.status, 400)
        self.assertEqual(self.status("198.51.100.5", right, "/api/v0.2/jobs/"), 200)

    def test_one_token_has_a_rate_wherever_it_comes_from(self):
        right = {"Authorization": "Token " + self.lab.add_user()}
        statuses = [self.status(f"198.51.100.{i}", right) for i in range(1, 30)]
        self.assertEqual(statuses[:10], [200] * 10)
        self.assertIn(429, statuses)


if __name__ == "__main__":
    unittest.main()
