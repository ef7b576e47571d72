# SPDX-License-Identifier: Apache-2.0
"""A whole lab for tests: the real patchbayd, its runners, a file server with the guest; gone at the end."""

import contextlib
import functools
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request


def free_port():
    """Below those that the kernel gives to outgoing connections: it must still be free when a daemon is restarted."""
    while True:
        port = random.SystemRandom().randrange(20000, 32768)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class FileServer:
    """Serves one folder on loopback, as the recorded jobs expect it."""

    def __init__(self, folder):
        handler = functools.partial(QuietHandler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Lab:
    """One patchbayd on a state folder of its own."""

    def __init__(self, programs, config="", keep=False, checks=False):
        """`checks`: whether the lab checks its devices by itself; else no job runs but those of the test."""
        self.programs = pathlib.Path(programs)
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-lab-"))
        self.keep = keep
        self.port = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        self.config = self.state / "patchbay.yaml"
        self.checks = checks
        self.write_config(config)
        self.daemon = None
        self.log = open(self.state / "patchbayd.log", "ab")
        self.token = None

    def write_config(self, text):
        quiet = "" if self.checks or "device_types:" in text else "device_types: {qemu: {disable_health_check: true}}\n"
        self.config.write_text(text + quiet)

    def command(self, *arguments):
        return [str(self.programs / "patchbayd"), *arguments, "--config", str(self.config), "--state", str(self.state)]

    def start(self, seconds=20):
        self.daemon = subprocess.Popen(
            self.command("serve", "--listen", "127.0.0.1:%d" % self.port), stdout=self.log, stderr=self.log)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.daemon.poll() is not None:
                raise RuntimeError("patchbayd ended with %d:\n%s" % (self.daemon.returncode, self.daemon_log()))
            with contextlib.suppress(OSError):
                if self.get("/api/v0.2/system/version/", token=None).status == 200:
                    return self
            time.sleep(0.02)
        raise RuntimeError("patchbayd does not answer:\n" + self.daemon_log())

    def daemon_log(self):
        return (self.state / "patchbayd.log").read_text(errors="replace")[-6000:]

    def add_user(self, name="admin", superuser=True):
        subprocess.run(self.command("user", "add", name, *(["--superuser"] if superuser else [])), check=True,
                       stdout=subprocess.DEVNULL)
        out = subprocess.run(self.command("token", "add", name), check=True, stdout=subprocess.PIPE, text=True).stdout
        token = out.split()[-1]
        self.token = self.token or token
        return token

    def request(self, method, path, body=None, headers=None, token="default"):
        headers = dict(headers or {})
        token = self.token if token == "default" else token
        if token:
            headers["Authorization"] = "Token " + token
        if isinstance(body, (dict, list)):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def submit(self, definition):
        """The number of the job, or of a multinode job the list of its sub ids."""
        answer = self.request("POST", "/api/v0.2/jobs/", {"definition": definition})
        if answer.status != 201:
            raise RuntimeError("submit: %d %r" % (answer.status, answer.body))
        ids = answer.json()["job_ids"]
        return ids if isinstance(ids[0], str) else ids[0]

    def job(self, number):
        return self.get("/api/v0.2/jobs/%s/" % number).json()

    def wait(self, number, seconds=300, states=("Finished",)):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job = self.job(number)
            if job["state"] in states:
                return job
            time.sleep(0.1)
        raise RuntimeError("job %s is %s after %d s\n%s" % (number, job["state"], seconds, self.daemon_log()))

    def wait_for_line(self, number, text, seconds=120):
        end = time.monotonic() + seconds
        while not any(text in line for line in self.log_lines(number)):
            if time.monotonic() > end:
                raise RuntimeError("job %s has not said '%s' after %d s\n%s" % (number, text, seconds, self.daemon_log()))
            time.sleep(0.05)

    def until(self, holds, what, seconds=30):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise AssertionError("not after %d s: %s\n%s" % (seconds, what, self.daemon_log()))
            time.sleep(0.05)

    def log_lines(self, number):
        answer = self.get("/api/v0.2/jobs/%s/logs/" % number)
        return [] if answer.status == 404 else answer.body.decode().splitlines()

    def kill(self, number=signal.SIGKILL):
        self.daemon.send_signal(number)
        self.daemon.wait()

    def close(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(20)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        for pid in processes_of(self.state):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.log.close()
        if not self.keep:
            shutil.rmtree(self.state, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def processes_of(state):
    """Runners and machines that belong to the lab with this state folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if str(state).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found
