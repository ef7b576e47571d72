#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A remote artifact token is sent to the server of the artifact, and is seen nowhere else: no log, answer, command line,
file or table but its own has it, while the job runs and afterwards."""

import http.server
import pathlib
import sqlite3
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from fast_lab import FastLab  # noqa: E402
from lab import processes_of  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))
VALUE = "Bearer 5upersecret0123456789"


class ArtifactServer:
    """Keeps what it was asked, and each request waiting until `go` is set."""

    def __init__(self):
        self.headers, self.asked, self.go, self.status = [], threading.Event(), threading.Event(), 200
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.headers.append(self.headers.get("Authorization"))
                outer.asked.set()
                outer.go.wait(60)
                self.send_response(outer.status)
                self.send_header("Content-Length", "12")
                self.end_headers()
                self.wfile.write(b"not a kernel")

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/kernel" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


class ArtifactTokensTest(unittest.TestCase):
    def setUp(self):
        self.lab = FastLab(PROGRAMS, more="allowed_url_networks: [private, loopback]\n")
        self.addCleanup(self.lab.close)
        self.server = ArtifactServer()
        self.addCleanup(self.server.close)

    def job(self):
        job = self.lab.fast_job("fast.cases=1").replace(
            f"        url: file://{self.lab.kernel}\n",
            f"        url: {self.server.url}\n        headers: {{Authorization: nexus}}\n")
        return job + "secrets: {TOKEN: nexus}\n"

    def assert_no_answer_has_it(self, number):
        for path in ("", "definition/", "logs/", "metadata/", "yaml/", "csv/", "junit/", "tap13/"):
            answer = self.lab.get(f"/api/v0.2/jobs/{number}/{path}")
            self.assertNotIn("5upersecret", str(answer.body), path)
        for path in ("jobs/", "audit/", "remote-artifact-tokens/", "users/"):
            self.assertNotIn("5upersecret", str(self.lab.get("/api/v0.2/" + path).body), path)

    def assert_no_command_line_has_it(self):
        seen = 0
        for pid in processes_of(self.lab.state):
            try:
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
            except OSError:
                continue
            seen += 1
            self.assertNotIn("5upersecret", line)
        self.assertGreater(seen, 1, "the daemon and the runner")

    def files_with_it(self):
        return sorted(str(path.relative_to(self.lab.state)) for path in self.lab.state.rglob("*")
                      if path.is_file() and not path.name.startswith("patchbay.db") and b"5upersecret" in path.read_bytes())

    def tables_with_it(self):
        store = sqlite3.connect(f"file:{self.lab.state / 'patchbay.db'}?mode=ro", uri=True)
        found = []
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if any("5upersecret" in str(row) for row in store.execute(f'SELECT * FROM "{table}"')):
                found.append(table)
        store.close()
        return found

    def test_only_the_server_of_the_artifact_sees_the_value(self):
        self.lab.start()
        self.lab.add_user("alice")
        made = self.lab.request("POST", "/api/v0.2/remote-artifact-tokens/", {"name": "nexus", "token": VALUE})
        self.assertEqual(made.status, 201, made.body)
        number = self.lab.submit(self.job())
        self.assertTrue(self.server.asked.wait(60), self.lab.daemon_log())

        self.assertEqual(self.server.headers, [VALUE])
        self.assert_no_command_line_has_it()
        self.assert_no_answer_has_it(number)
        running = self.files_with_it()
        self.assertEqual([name.split("/")[-1] for name in running], ["job.yaml", "runner.yaml"], "in the lease's folder")
        for name in running:
            self.assertEqual((self.lab.state / name).parent.stat().st_mode & 0o077, 0, "is for the daemon's user alone")

        self.server.go.set()
        self.lab.wait(number)
        self.assertEqual(self.lab.job(number)["health"], "Complete", "\n".join(map(str, self.lab.log_lines(number))))
        self.assert_no_answer_has_it(number)
        self.assertEqual(self.lab.job(number)["definition"].count("nexus"), 2, "the names are there")
        self.assertNotIn("5upersecret", self.lab.daemon_log())
        for _ in range(200):
            if not self.files_with_it():
                break
            threading.Event().wait(0.05)
        self.assertEqual(self.files_with_it(), [], "the folder goes with the lease")
        self.assertEqual(self.tables_with_it(), [TABLE])

    def test_what_a_server_refuses_is_told_without_the_value(self):
        self.server.status = 403
        self.server.go.set()
        self.lab.start()
        self.lab.add_user("alice")
        self.lab.request("POST", "/api/v0.2/remote-artifact-tokens/", {"name": "nexus", "token": VALUE})
        number = self.lab.submit(self.job())
        self.lab.wait(number)
        self.assertEqual(self.server.headers[0], VALUE)
        self.assertEqual(self.lab.job(number)["health"], "Incomplete")
        self.assert_no_answer_has_it(number)
        self.assertNotIn("5upersecret", self.lab.daemon_log())


TABLE = "remote_token"

if __name__ == "__main__":
    unittest.main()
