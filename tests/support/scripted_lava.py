# SPDX-License-Identifier: Apache-2.0
"""A LAVA server as its workers see it (tests/compat/golden/worker-protocol), which can be told to fail in
the middle of anything."""

import contextlib
import copy
import http.server
import json
import socket
import ssl
import struct
import threading
import urllib.parse

BASE = "/scheduler/internal/v1/"
WORKER_TOKEN = "worker-token-of-thirty-two-chars"
DEVICE = "constants: {}\nparameters: {}\nactions: {}\ntimeouts: {actions: {}, connections: {}}\n"


class Fault:
    """What the server does instead of its work, to requests whose line contains `words`."""

    def __init__(self, words, kind, times=1):
        self.words, self.kind, self.times = words, kind, times


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.handle_any(b"")

    def do_POST(self):
        self.handle_any(self.rfile.read(int(self.headers["Content-Length"])))

    def handle_any(self, body):
        lava = self.server.lava
        form = {key: values[0] for key, values in
                urllib.parse.parse_qs(body.decode(), keep_blank_values=True, strict_parsing=bool(body)).items()}
        kind = lava.fault_for(f"{self.command} {self.path} {form.get('state', '')}")
        lava.note(self.command, self.path, dict(self.headers), form)
        if kind in (None, "lost"):
            status, answer = lava.answer(self.command, self.path, self.headers, form)
            if kind is None:
                return self.send(status, json.dumps(answer).encode())
        if kind in ("reset", "lost"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return None
        if kind == "silent":
            lava.released.wait(120)
            self.close_connection = True
            return None
        if kind == "huge":
            return self.send(200, b'{"cancel": [' + b" " * (20 << 20))
        if kind == "no json":
            return self.send(200, b"<html>It works!</html>")
        if kind == "empty":
            return self.send(200, b"{}")
        if kind == "elsewhere":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        return self.send(int(kind), b"<html>a page of a proxy</html>")

    def send(self, status, body):
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # connections that a fault has closed


class ScriptedLava:
    def __init__(self, worker="bench", version="2023.01"):
        self.worker, self.version = worker, version
        self.jobs, self.requests, self.faults = {}, [], []
        self.most_lines = 1000
        self.shown = {}  # number of a job that everybody sees to its device
        self.changed = threading.Condition()
        self.released = threading.Event()
        self.port = 0
        self.tls = None  # (certificate, key)
        self.server = None
        self.start()

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def start(self):
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.lava = self
        self.port = self.server.server_address[1]
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def add_job(self, definition, device="board-1", number=None, token=None, files=None):
        with self.changed:
            number = number or len(self.jobs) + 1
            named = f"hostname: {device}\n" if device else ""
            self.jobs[number] = {
                "token": token or f"token-of-job-{number}-{'x' * 16}", "state": "Scheduled", "states": [], "lines": [],
                "ends": [], "batches": [],
                "files": files or {"definition": definition, "device": named + DEVICE, "dispatcher": "",
                                   "env": "overrides: {SECRET_OF_THE_SERVER: hidden}\n", "env-dut": ""}}
            return number

    def cancel(self, number):
        with self.changed:
            self.jobs[number]["state"] = "Canceling"

    def fail(self, words, kind, times=1):
        with self.changed:
            self.faults.append(Fault(words, kind, times))

    def snapshot(self):
        with self.changed:
            return copy.deepcopy(self.jobs)

    def restore(self, jobs):
        with self.changed:
            self.jobs = jobs

    def wait(self, condition, seconds=90):
        """Until `condition()`, which is asked after every request."""
        with self.changed:
            if not self.changed.wait_for(condition, seconds):
                raise AssertionError(f"never came: jobs {self.jobs}, last requests {self.requests[-5:]}")

    def wait_for_end(self, number, seconds=90):
        self.wait(lambda: self.jobs[number]["ends"], seconds)
        return self.jobs[number]["ends"][-1]

    def count(self, words):
        with self.changed:
            return sum(words in request["line"] for request in self.requests)

    def wait_for_pings(self, more):
        seen = self.count("/workers/")
        self.wait(lambda: sum("/workers/" in request["line"] for request in self.requests) >= seen + more)

    # What the handler asks, on its threads.

    def fault_for(self, line):
        with self.changed:
            for fault in self.faults:
                if fault.words in line and fault.times > 0:
                    fault.times -= 1
                    return fault.kind
        return None

    def note(self, method, path, headers, form):
        with self.changed:
            self.requests.append({"line": f"{method} {path}", "headers": headers, "form": form})
            self.changed.notify_all()

    def answer(self, method, path, headers, form):
        with self.changed:
            try:
                url = urllib.parse.urlsplit(path)
                if not url.path.startswith(BASE):
                    number = url.path.removeprefix("/api/v0.2/jobs/").strip("/")
                    shown = number.isdigit() and self.shown.get(int(number))
                    return (200, {"id": int(number), "actual_device": shown}) if shown else (404, {})
                parts = url.path.removeprefix(BASE).strip("/").split("/")
                if parts[0] == "workers":
                    return self.ping(parts[1], urllib.parse.parse_qs(url.query), headers)
                return self.about_job(method, parts, headers, form)
            finally:
                self.changed.notify_all()

    def ping(self, worker, query, headers):
        if worker != self.worker:
            return 404, {"error": f"Unknown worker '{worker}'"}
        if headers.get("LAVA-Token") != WORKER_TOKEN:
            return 400, {"error": "Invalid 'token'"}
        version = query["version"][0]
        if version != self.version:
            return 409, {"error": f"Version mismatch '{version}' vs '{self.version}'"}
        lists = {"cancel": "Canceling", "running": "Running", "start": "Scheduled"}
        return 200, {name: [{"id": number, "token": job["token"]} for number, job in self.jobs.items()
                            if job["state"] == state] for name, state in lists.items()}

    def about_job(self, method, parts, headers, form):
        job = self.jobs.get(int(parts[1]))
        if not job:
            return 404, {"error": f"Unknown job '{parts[1]}'"}
        if headers.get("LAVA-Token") != job["token"]:
            return 400, {"error": "Invalid 'token'"}
        if parts[2:] == ["logs"]:
            return self.take_lines(job, form)
        if method == "GET":
            return 200, job["files"]
        if form["state"] == "RUNNING":
            job["states"].append("RUNNING")
            if job["state"] == "Scheduled":
                job["state"] = "Running"
        elif form["state"] == "FINISHED":
            job["states"].append("FINISHED")
            job["ends"].append((form["result"], form["error_type"], form["errors"]))
            job["state"] = "Finished"
        else:
            return 400, {"error": f"Invalid state '{form['state']}'"}
        return 200, {}

    def take_lines(self, job, form):
        lines = form["lines"].split("\n")
        if len(lines) > self.most_lines:
            return 413, {"error": "too many"}
        index, stored = int(form["index"]), len(job["lines"])
        job["batches"].append((index, len(lines)))
        for line in lines:
            assert line.startswith("- {"), line
            json.loads(line[2:])
        job["lines"] += lines[max(0, stored - index):]
        return 200, {"line_count": len(lines)}
