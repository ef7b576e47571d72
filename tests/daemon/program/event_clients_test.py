#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Events as LAVA's clients listen to them: websocket-client, aiohttp, pyzmq and lavacli, each as it is."""

import asyncio
import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

import aiohttp
import websocket
import yaml
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from fast_lab import FastLab  # noqa: E402
from lab import free_port  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))
RECORDING = pathlib.Path(__file__).resolve().parents[2] / "compat/golden/a-shell/websocket-events.jsonl"


class Heard:
    """An event as a test speaks of it."""

    def __init__(self, texts):
        self.topic, self.uuid, self.time, self.user, data = texts
        self.kind = self.topic.rsplit(".", 1)[1]
        self.data = json.loads(data)

    def __repr__(self):
        return f"{self.kind} {self.data}"


class Listener:
    """A WebSocket that is read by a thread."""

    def __init__(self, lab, who="", token="", **more):
        pair = base64.b64encode(f"{who}:{token}".encode()).decode()
        header = [f"Authorization: Basic {pair}"] if who else []
        self.socket = websocket.create_connection(lab.url.replace("http", "ws") + "/ws/", header=header, timeout=120, **more)
        self.heard = queue.Queue()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.closed = None

    def start(self):
        self.thread.start()
        return self

    def read(self):
        with contextlib.suppress(OSError, websocket.WebSocketException):
            while True:
                opcode, data = self.socket.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    self.closed = (int.from_bytes(data[:2], "big"), data[2:].decode())
                    break
                self.heard.put(Heard(json.loads(data)))
        self.heard.put(None)

    def next(self):
        return self.heard.get(timeout=120)

    def until(self, condition):
        """Everything up to the first event for which it holds."""
        events = []
        while not events or not condition(events[-1]):
            event = self.next()
            if event is None:
                raise AssertionError(f"closed {self.closed} after {events}")
            events.append(event)
        return events

    def close(self):
        self.socket.shutdown()


def finished(number):
    return lambda event: event.kind == "testjob" and event.data["job"] == number and event.data["state"] == "Finished"


def states(events, kind="testjob"):
    return [event.data["state"] for event in events if event.kind == kind]


class EventsTest(unittest.TestCase):
    zmq_port = None

    @classmethod
    def setUpClass(cls):
        cls.zmq_port = free_port()
        cls.lab = FastLab(PROGRAMS, more=f"events: {{zmq: {{address: 'tcp://*:{cls.zmq_port}'}}}}\n")
        cls.addClassCleanup(cls.lab.close)
        cls.lab.start()
        cls.admin = cls.lab.add_user()
        cls.joe = cls.lab.add_user("joe", superuser=False)
        config = {"default": {"uri": cls.lab.url + "/RPC2", "username": "admin", "token": cls.admin, "timeout": 120}}
        (cls.lab.state / "lavacli.yaml").write_text(yaml.safe_dump(config))

    def listen(self, *who, **more):
        listener = Listener(self.lab, *who, **more).start()
        self.addCleanup(listener.close)
        return listener

    def subscribe(self, **options):
        context = zmq.Context()
        self.addCleanup(context.destroy, 0)
        sub = context.socket(zmq.SUB)
        sub.setsockopt(zmq.SUBSCRIBE, b"")
        sub.setsockopt(zmq.RCVTIMEO, 120_000)
        for name, value in options.items():
            sub.setsockopt(getattr(zmq, name), value)
        sub.connect(f"tcp://127.0.0.1:{self.zmq_port}")
        return sub

    def heal(self, device="qemu-02", health="Good"):
        """A change of a device that no job uses."""
        self.lab.request("POST", f"/api/v0.2/devices/{device}/set_health/", {"health": health})

    def until_subscribed(self, sub):
        """ZeroMQ says nowhere that a subscription has arrived."""
        sub.setsockopt(zmq.RCVTIMEO, 200)
        for turn in range(600):
            self.heal(health=("Maintenance", "Good")[turn % 2])
            with contextlib.suppress(zmq.Again):
                first = sub.recv_multipart()
                sub.setsockopt(zmq.RCVTIMEO, 120_000)
                return first
        raise AssertionError("no event of zmq came")

    def lavacli(self, *arguments):
        environment = dict(os.environ, XDG_CONFIG_HOME=str(self.lab.state), PYTHONWARNINGS="ignore", PYTHONUNBUFFERED="1")
        process = subprocess.Popen(["lavacli", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env=environment)

        def end():
            process.kill()
            process.wait()

        self.addCleanup(end)
        return process

    def test_the_life_of_a_job_is_told_as_lava_told_it_and_at_its_end_all_is_readable(self):
        recorded = [Heard(json.loads(line)) for line in RECORDING.read_text().splitlines()]
        listener = self.listen("admin", self.admin)
        number = self.lab.submit(self.lab.fast_job("fast.cases=3"))
        events = listener.until(finished(number))
        job = self.lab.job(number)
        cases = self.lab.get(f"/api/v0.2/jobs/{number}/tests/?limit=100").json()["results"]
        log = self.lab.log_lines(number)
        self.assertEqual((job["state"], job["health"]), ("Finished", "Complete"))
        self.assertTrue({"case_0", "case_1", "case_2", "job"} <= {case["name"] for case in cases}, cases)
        self.assertIn("'case': 'job'", log[-1].replace('"', "'"))
        self.assertEqual([(event.topic, event.data["state"]) for event in events],
                         [(event.topic, event.data["state"]) for event in recorded])
        for event, known in zip(events, recorded):
            with self.subTest(str(known)):
                self.assertEqual(list(event.data), list(known.data))
                self.assertEqual([type(value) for value in event.data.values()], [type(value) for value in known.data.values()])
                self.assertEqual(event.user, known.user)
                self.assertEqual(len(event.uuid), len(known.uuid))
                self.assertRegex(event.time, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$")
        self.assertEqual(len({event.uuid for event in events}), len(events))
        for event in events:
            self.assertEqual(event.data.get("job", number), number)
        self.assertRegex(events[-1].data["end_time"], r"\+00:00$")

    def test_a_job_that_is_canceled_in_the_queue_is_told(self):
        listener = self.listen()
        for device in ("qemu-01", "qemu-02"):
            self.heal(device, "Maintenance")
        number = self.lab.submit(self.lab.fast_job())
        self.lab.get(f"/api/v0.2/jobs/{number}/cancel/")
        events = [event for event in listener.until(finished(number)) if event.kind == "testjob"]
        self.assertEqual(states(events), ["Submitted", "Finished"])
        self.assertEqual(events[-1].data["health"], "Canceled")
        for device in ("qemu-01", "qemu-02"):
            self.heal(device, "Good")

    def test_everybody_hears_what_they_may_see(self):
        listeners = {"admin": self.listen("admin", self.admin), "joe": self.listen("joe", self.joe), "nobody": self.listen()}
        personal = self.lab.submit(self.lab.fast_job(name="mine").replace("visibility: public", "visibility: personal"))
        self.lab.wait(personal)
        public = self.lab.submit(self.lab.fast_job(name="ours"))
        for who, listener in listeners.items():
            jobs = {event.data["job"] for event in listener.until(finished(public)) if event.kind == "testjob"}
            self.assertEqual(jobs, {personal, public} if who == "admin" else {public}, who)

    def test_wrong_logins_are_told_after_the_upgrade(self):
        for who, token, text in (("admin", "x" * 128, "Unknown user"), ("joe", self.admin, "Unknown user")):
            pair = base64.b64encode(f"{who}:{token}".encode()).decode()
            refused = websocket.create_connection(self.lab.url.replace("http", "ws") + "/ws/", timeout=60,
                                                  header=["Authorization: Basic " + pair])
            self.assertEqual(json.loads(refused.recv()), {"error": text})
            self.assertEqual(refused.recv_data()[0], websocket.ABNF.OPCODE_CLOSE)
            refused.close()

    def test_a_page_of_another_site_is_refused(self):
        with self.assertRaises(websocket.WebSocketBadStatusException) as refusal:
            websocket.create_connection(self.lab.url.replace("http", "ws") + "/ws/", origin="http://evil.example", timeout=60)
        self.assertEqual(refusal.exception.status_code, 403)

    def test_aiohttp_with_a_heartbeat_listens(self):
        """As LAVA's worker and SQUAD do it: user and token in the URL."""
        number = queue.Queue()

        async def listen():
            url = self.lab.url.replace("http://", f"http://admin:{self.admin}@") + "/ws/"
            async with aiohttp.ClientSession() as session:
                async with session.ws_connect(url, heartbeat=0.5) as ws:
                    number.put(None)
                    seen = []
                    async for message in ws:
                        seen.append(Heard(json.loads(message.data)))
                        if seen[-1].kind == "testjob" and seen[-1].data["state"] == "Finished":
                            return seen

        with concurrent.futures.ThreadPoolExecutor() as pool:
            events = pool.submit(asyncio.run, listen())
            number.get(timeout=60)
            job = self.lab.submit(self.lab.fast_job(name="heart"))
            self.assertEqual(states(events.result(timeout=120)), ["Submitted", "Scheduled", "Running", "Finished"])
        self.lab.wait(job)

    def test_zmq_gets_five_parts_of_what_is_public(self):
        sub = self.subscribe()
        self.until_subscribed(sub)
        personal = self.lab.submit(self.lab.fast_job(name="mine").replace("visibility: public", "visibility: personal"))
        self.lab.wait(personal)
        public = self.lab.submit(self.lab.fast_job(name="zmq"))
        events = []
        while not events or not finished(public)(events[-1]):
            parts = sub.recv_multipart()
            self.assertEqual(len(parts), 5)
            events.append(Heard([part.decode() for part in parts]))
        jobs = [event for event in events if event.kind == "testjob"]
        self.assertEqual(states(jobs), ["Submitted", "Scheduled", "Running", "Finished"])
        self.assertEqual({event.data["job"] for event in jobs}, {public})
        self.assertEqual(jobs[0].topic, "org.lavasoftware.testjob")

    def test_lavacli_waits_for_a_device_by_zmq(self):
        wait = self.lavacli("events", "wait", "device", "qemu-01", "--state", "IDLE", "--health", "MAINTENANCE")
        self.assertEqual(wait.stdout.readline(), f"Listening to tcp://127.0.0.1:{self.zmq_port}\n")
        end = time.monotonic() + 120
        while wait.poll() is None and time.monotonic() < end:
            self.heal("qemu-01", "Maintenance")
            self.heal("qemu-01", "Good")
        self.assertEqual(wait.wait(timeout=60), 0)

    def test_clients_are_told_where_to_listen(self):
        config = self.lab.get("/api/v0.2/system/master_config/").json()
        self.assertEqual(config, {"EVENT_TOPIC": "org.lavasoftware", "EVENT_SOCKET": f"tcp://*:{self.zmq_port}",
                                  "EVENT_NOTIFICATION": True, "LOG_SIZE_LIMIT": 5})

    def test_lavacli_listens_over_a_restart_of_the_daemon(self):
        listen = self.lavacli("events", "listen")
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in listen.stdout], daemon=True).start()

        def until(word, change=lambda: None):
            end = time.monotonic() + 120
            while time.monotonic() < end:
                change()
                with contextlib.suppress(queue.Empty):
                    line = lines.get(timeout=0.5)
                    if word in line:
                        return line
            raise AssertionError("no line with " + word)

        until("Connecting to http://127.0.0.1")
        job = []

        def submit():
            job.append(self.lab.submit(self.lab.fast_job("fast.cases=1", name="listened")))

        # It may connect between two events of one job: the next job's first one comes for certain.
        self.assertRegex(until("state=Submitted", submit), r"^2\S+ org\.lavasoftware\.testjob admin - \[\d+\] <\?\?> "
                                                      r"state=Submitted health=Unknown \(listened\)$")
        self.assertIn("health=Complete", until("state=Finished"))
        for number in job:
            self.lab.wait(number)
        for how in (signal.SIGTERM, signal.SIGKILL):
            self.lab.kill(how)
            self.lab.start()
            until("Connecting")
            self.assertRegex(until("health=Maintenance", lambda: [self.heal(health=word) for word in ("Maintenance", "Good")]),
                             r"org\.lavasoftware\.device lavaserver - \[qemu-02\] <qemu> state=Idle health=Maintenance$")

    def test_a_stop_of_the_daemon_is_said(self):
        listener = self.listen()
        self.lab.kill(signal.SIGTERM)
        listener.thread.join(60)
        self.assertEqual(listener.closed, (1001, "the lab's daemon stops; come again"))
        self.lab.start()


class TlsTest(unittest.TestCase):
    def test_events_come_through_tls(self):
        lab = FastLab(PROGRAMS)
        self.addCleanup(lab.close)
        port = free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        "lab.key", "-out", "lab.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost"], cwd=lab.state, check=True, stderr=subprocess.DEVNULL)
        lab.write_config(f"tls: {{listen: '127.0.0.1:{port}', certificate: {lab.state}/lab.pem, key: {lab.state}/lab.key}}\n")
        lab.start()
        lab.add_user()
        context = ssl.create_default_context(cafile=lab.state / "lab.pem")
        events = websocket.create_connection(f"wss://localhost:{port}/ws/", sslopt={"context": context}, timeout=60)
        self.addCleanup(events.close)
        lab.request("POST", "/api/v0.2/devices/qemu-01/set_health/", {"health": "Maintenance"})
        self.assertEqual(Heard(json.loads(events.recv())).data["health"], "Maintenance")
        events.ping("still there")
        self.assertEqual(events.recv_data(control_frame=True), (websocket.ABNF.OPCODE_PONG, b"still there"))
        lab.daemon.send_signal(signal.SIGTERM)
        self.assertEqual(events.recv_data()[0], websocket.ABNF.OPCODE_CLOSE)
        self.assertEqual(lab.daemon.wait(60), 0)


class SlowTest(unittest.TestCase):
    """A lab of its own: the others' listeners would have to read all this."""

    def test_slow_clients_are_cut_off_and_hold_nobody_up(self):
        zmq_port = free_port()
        lab = FastLab(PROGRAMS, more=f"events: {{zmq: {{address: 'tcp://127.0.0.1:{zmq_port}'}}}}\n")
        self.addCleanup(lab.close)
        lab.start()
        lab.add_user()
        slow = Listener(lab, sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),))
        quick = Listener(lab).start()
        self.addCleanup(slow.close)
        self.addCleanup(quick.close)
        context = zmq.Context()
        self.addCleanup(context.destroy, 0)
        sub = context.socket(zmq.SUB)
        for option, value in ((zmq.RCVHWM, 1), (zmq.RCVBUF, 4096)):
            sub.setsockopt(option, value)
        sub.setsockopt(zmq.SUBSCRIBE, b"")
        monitor = sub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.addCleanup(monitor.close)
        sub.connect(f"tcp://127.0.0.1:{zmq_port}")

        def cut_off():
            """It read nothing, so it answered no heartbeat either; it notices when it reads again."""
            end = time.monotonic() + 60
            while not monitor.poll(0) and time.monotonic() < end:
                with contextlib.suppress(zmq.Again):
                    sub.recv_multipart(zmq.NOBLOCK)
            return bool(monitor.poll(0))

        def counters():
            return lab.get("/ws/v1/healthz/").json()

        def change(number):
            return lab.request("POST", f"/api/v0.2/devices/qemu-0{number % 2 + 1}/set_health/",
                               {"health": ("Maintenance", "Good", "Bad")[number % 3]}).status

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            begin, reads = time.monotonic(), None
            for _ in range(400):  # the system's buffers of a connection take some megabytes first
                self.assertEqual(set(pool.map(change, range(120))), {202})
                now = counters()
                if now["too_slow"] and not reads:
                    reads = slow.start()  # who still does not read is cut off without a word after a while
                # Where events are few, the publisher's heartbeat of 20 s comes before its buffers are full.
                if now["too_slow"] and (now["zmq_dropped"] or time.monotonic() > begin + 45):
                    break
        self.assertEqual(now["too_slow"], 1, now)
        self.assertTrue(now["zmq_dropped"] or cut_off(), now)
        slow.thread.join(200)
        self.assertEqual(slow.closed[0], 1008)
        self.assertIn("too slow", slow.closed[1])
        missed = now["events"]
        while missed:
            self.assertIsNotNone(quick.next())
            missed -= 1
        lab.kill(signal.SIGTERM)
        if now["zmq_dropped"]:  # one that its heartbeat cut off had lost nothing until then
            self.assertTrue("a zmq subscriber is too slow" in (lab.state / "patchbayd.log").read_text(), "no word of it")


if __name__ == "__main__":
    unittest.main()
