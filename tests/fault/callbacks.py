# SPDX-License-Identifier: Apache-2.0
"""Jobs of a CI that lives on callbacks, a receiver that fails, and a daemon that is killed."""

import collections
import concurrent.futures
import contextlib
import http.client
import http.server
import json
import pathlib
import random as randoms
import signal
import socket
import subprocess
import threading
import time
import urllib.error

from checks import expect, expect_quiet
from fast_lab import FastLab

SECRET = "the-secret-of-both-directions"
# What KernelCI's templates make, as far as the server cares.
JOB = """\
device_type: qemu
job_name: '[mainline] {name} baseline-x86 v6.12-rc3'
metadata: {{api_config_name: production, node_id: {name}, storage_config_name: kci-storage-production}}
notify:
  criteria: {{status: finished}}
  callback:
    url: {url}/node/{{ID}}
    method: POST
    dataset: all
    content-type: json
    token: kernelci-callback
priority: {priority}
timeouts: {{job: {{minutes: 30}}, action: {{minutes: 10}}, actions: {{power-off: {{seconds: 30}}}}, queue: {{days: 2}}}}
visibility: public
actions:
- deploy:
    to: tftp
    os: oe
    kernel: {{url: 'https://files.example.org/kbuild-gcc-14-x86/bzImage', type: image}}
    ramdisk: {{url: 'http://storage.example.org/rootfs.cpio.gz', compression: gz}}
- boot:
    method: grub
    commands: ramdisk
    failure_retry: 3
    prompts: ['/ #', '~ #']
    timeout: {{minutes: 20}}
- test:
    timeout: {{minutes: 1}}
    definitions:
    - from: inline
      name: dmesg
      path: inline/dmesg.yaml
      lava-signal: kmsg
      repository:
        metadata: {{format: Lava-Test Test Definition 1.0, name: baseline, description: baseline test plan}}
        run: {{steps: ['echo hello']}}
"""


class Receiver:
    """Fails three times in ten, each time in one of several ways. What it takes it looks up at the lab first: the results
    must be there already."""

    FAILURES = (503, 500, 502, 429, 408, "hang up", "hang up in the middle")

    def __init__(self, lab, seed, failing=0.3):
        self.lab, self.failing = lab, failing
        self.random, self.lock, self.thread = randoms.Random(seed), threading.Lock(), threading.local()
        self.taken, self.early, self.failed = collections.Counter(), [], 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.handle(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # the daemon was killed in the middle of sending

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, request):
        with self.lock:
            how = self.random.choice(self.FAILURES) if self.random.random() < self.failing else None
            self.failed += how is not None
        size = int(request.headers["Content-Length"])
        if how == "hang up in the middle":
            request.rfile.read(size // 2)
        if isinstance(how, str):
            request.close_connection = True
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        body = request.rfile.read(size)
        if how is None:
            self.take(request, json.loads(body))
        request.send_response(how or 202)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def take(self, request, body):
        job = int(request.path.rsplit("/", 1)[1])
        wrong = self.what_is_wrong(request, body, job)
        with self.lock:
            self.taken[job] += 1
            if wrong:
                self.early.append(f"job {job}: {wrong}")

    def what_is_wrong(self, request, body, job):
        if request.headers["Authorization"] != SECRET:
            return "the header is not the secret that the token names"
        if body["id"] != job or body["status_string"] != "complete" or body["state_string"] != "Finished":
            return f"it says {body['id']}, {body['status_string']}, {body['state_string']}"
        if "case: job" not in body["results"].get("lava", "") or "emerg" not in body["results"].get("0_dmesg", ""):
            return "results are missing in it"
        if f"job {job} says hello" not in body["log"]:
            return "the log is missing in it"
        return self.what_the_lab_lacks(job)

    def what_the_lab_lacks(self, job):
        if json.loads(self.ask(f"/api/v0.2/jobs/{job}/"))["state"] != "Finished":
            return "it is not Finished at the lab"
        names = {test["name"] for test in json.loads(self.ask(f"/api/v0.2/jobs/{job}/tests/"))["results"]}
        if names != {"emerg", "job"}:
            return f"the lab has the results {sorted(names)}"
        return None if b"says hello" in self.ask(f"/api/v0.2/jobs/{job}/logs/") else "the lab has no log"

    def ask(self, path):
        """The lab's answer, over this thread's connection; asked again while the daemon is dead."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if not hasattr(self.thread, "connection"):
                    self.thread.connection = http.client.HTTPConnection("127.0.0.1", self.lab.port, timeout=30)
                self.thread.connection.request("GET", path, headers={"Authorization": "Token " + self.lab.token})
                return self.thread.connection.getresponse().read()
            del self.thread.connection
            time.sleep(0.05)
        raise RuntimeError("the lab does not answer " + path)


class Submitter:
    """Submits until so many jobs were acknowledged; what the daemon took without saying so is not counted."""

    def __init__(self, lab, receiver, count):
        self.lab, self.receiver = lab, receiver
        self.left, self.lock, self.accepted = count, threading.Lock(), []

    def run(self):
        while True:
            with self.lock:
                if self.left == 0:
                    return
                self.left -= 1
                number = self.left
            self.submit(JOB.format(name=f"{number:024x}", url=self.receiver.url, priority=number % 100))

    def submit(self, text):
        while True:
            with contextlib.suppress(OSError, RuntimeError, urllib.error.URLError, http.client.HTTPException):
                job = int(self.lab.submit(text))
                with self.lock:
                    self.accepted.append(job)
                return
            time.sleep(0.05)


def make_lab(programs, devices):
    lab = FastLab(programs, devices=devices)
    runner = pathlib.Path(programs).parent / "tests" / "zero_runner"
    with open(lab.config, "a", encoding="utf-8") as config:
        config.write(f"runner: {runner}\nallowed_url_networks: [127.0.0.1]\nnotifications: {{first_retry: 1s, longest_retry: 4s}}\n")
    return lab


def callbacks(programs, random, jobs=10_000, kills=5, seed=0, **_):
    """KernelCI's jobs, a receiver that fails 3 times in 10, the daemon killed: each callback arrives, none before its results."""
    begin = time.monotonic()
    with make_lab(programs, devices=24) as lab:
        lab.start()
        lab.add_user()
        subprocess.run(lab.command("remote-token", "add", "admin", "kernelci-callback"), input=SECRET, text=True,
                       check=True, stdout=subprocess.DEVNULL)
        receiver = Receiver(lab, seed)
        submitter = Submitter(lab, receiver, jobs)
        moments = sorted(random.uniform(0.02, 0.9) * jobs for _ in range(kills))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            running = [pool.submit(submitter.run) for _ in range(4)]
            for moment in moments:
                wait_for(lambda: len(receiver.taken) >= moment, lab, receiver, jobs)
                lab.kill(signal.SIGKILL)
                time.sleep(random.uniform(0, 0.3))
                lab.start(60)
            for one in running:
                one.result()
        accepted = set(submitter.accepted)
        expect(len(accepted) == jobs, f"{jobs} jobs were submitted, {len(accepted)} numbers came back")
        wait_for(lambda: accepted <= set(receiver.taken), lab, receiver, jobs)
        expect(not receiver.early, f"{len(receiver.early)} callbacks were wrong: {receiver.early[:3]}")
        wait_for(lambda: not outbox(lab), lab, receiver, jobs)
        expect_quiet(lab, 60)
        receiver.close()
        twice = sum(count - 1 for count in receiver.taken.values())
        seconds = time.monotonic() - begin
    return (f"{kills} kills, {len(accepted)} jobs, each callback delivered, {receiver.failed} attempts failed, "
            f"{twice} came twice, {len(accepted) / seconds:.0f} jobs/s")


def outbox(lab):
    return subprocess.run(lab.command("outbox", "list"), check=True, stdout=subprocess.PIPE, text=True).stdout


def wait_for(condition, lab, receiver, jobs):
    """Gives up when nothing arrives any more for two minutes."""
    seen, since = -1, time.monotonic()
    while not condition():
        now = sum(receiver.taken.values()) + receiver.failed
        if now != seen:
            seen, since = now, time.monotonic()
        expect(time.monotonic() < since + 120,
               f"nothing arrives any more: {len(receiver.taken)} of {jobs} callbacks came\n{outbox(lab)[:2000]}{lab.daemon_log()[-2000:]}")
        time.sleep(0.05)
