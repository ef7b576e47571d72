# SPDX-License-Identifier: Apache-2.0
"""The host's end of the agent's frames (tests/rig/guest/agent.py): runs, operations, udev's events."""

import itertools
import json
import signal
import struct
import threading
import time

HEADER = struct.Struct("<IBI")
PATIENCE = 240  # seconds: on a machine with twenty others on each processor a program needs a minute to start


class RigError(Exception):
    """The rig itself failed, or what it was asked for is not possible."""


class Completed:
    """A program that has ended."""

    def __init__(self, process):
        self.argv = process.argv
        self.status = process.status  # exit status; minus the number of the signal that ended it
        self.stdout_bytes = process.stdout_bytes
        self.stdout = process.output("o")
        self.stderr = process.output("e")
        self.output = process.output()  # both, in the order in which they came

    def __repr__(self):
        return f"{' '.join(self.argv)}: status {self.status}\n{self.output}"


class Process:
    """A program inside the rig that may still run."""

    def __init__(self, channel, number, argv):
        self.argv = argv
        self._channel, self._number = channel, number
        self._chunks = []  # (kind, bytes)
        self._status = None

    @property
    def status(self):
        """As Completed.status; None while it runs."""
        return self._status

    def output(self, kinds="oe"):
        """What it wrote so far, both streams in one."""
        with self._channel.changed:
            return b"".join(data for kind, data in self._chunks if kind in kinds).decode("utf-8", "replace")

    @property
    def stdout_bytes(self):
        with self._channel.changed:
            return b"".join(data for kind, data in self._chunks if kind == "o")

    def expect(self, text, timeout=PATIENCE):
        """Waits until `text` is in its output, which is returned."""
        self._channel.wait_for(lambda: text in self.output() or self._status is not None, timeout,
                               lambda: f"{self.argv[0]} did not write '{text}', but:\n{self.output()}")
        if text not in self.output():
            raise RigError(f"{self.argv[0]} ended with status {self._status} and did not write '{text}', but:\n{self.output()}")
        return self.output()

    def write(self, data):
        """Gives it these bytes as input."""
        for start in range(0, len(data), 65536):
            self._channel.send(self._number, "I", data[start:start + 65536])

    def close_input(self):
        self._channel.send(self._number, "E", b"")

    def signal(self, number=signal.SIGTERM):
        """Signals it and what it started (its process group)."""
        self._channel.send(self._number, "K", json.dumps(int(number)).encode())

    def wait(self, timeout=PATIENCE):
        """Waits for its end. After `timeout` seconds it is killed, and RigError says what it wrote."""
        try:
            self._channel.wait_for(lambda: self._status is not None, timeout,
                                   lambda: f"{' '.join(self.argv)} did not end, and wrote:\n{self.output()}")
        except RigError:
            self.signal(signal.SIGKILL)
            raise
        return Completed(self)

    def stop(self, timeout=PATIENCE):
        """SIGTERM, then as wait()."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)


class Channel:
    """One connection to the agent. A thread reads it; `changed` is notified of everything that comes."""

    def __init__(self, connection):
        self.changed = threading.Condition()
        self.events = []  # udev's events: their properties, oldest first
        self._socket = connection
        self._numbers = itertools.count(1)
        self._processes = {}
        self._results = {}
        self._up = False
        self._lost = False
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, number, kind, data):
        with self._sending:
            try:
                self._socket.sendall(HEADER.pack(number, ord(kind), len(data)) + data)
            except OSError as error:
                raise RigError(f"the rig is gone: {error}") from None

    def wait_for(self, predicate, timeout, what):
        """Waits until `predicate()`; `what` (a text or what makes one) is in the error when that takes too long."""
        limit = time.monotonic() + timeout
        with self.changed:
            while not (result := predicate()):
                left = limit - time.monotonic()
                if self._lost:
                    raise RigError("the rig's machine ended: " + (what() if callable(what) else what))
                if left <= 0 or not self.changed.wait(left) and limit <= time.monotonic():
                    if result := predicate():
                        break
                    raise RigError(f"after {timeout} s: " + (what() if callable(what) else what))
            return result

    def wait_until_up(self, timeout):
        self.wait_for(lambda: self._up, timeout, "the rig's agent did not start")

    def run(self, argv, env, cwd, uid, gid, groups):
        number = next(self._numbers)
        process = self._processes[number] = Process(self, number, list(argv))
        call = {"argv": list(argv), "env": env, "cwd": cwd, "uid": uid, "gid": gid, "groups": groups}
        self.send(number, "R", json.dumps(call).encode())
        return process

    def do(self, operation, timeout=PATIENCE, **arguments):
        """Calls an operation of the agent. Throws OSError as it met it, RigError for the rest."""
        number = next(self._numbers)
        self.send(number, "O", json.dumps({"do": operation, **arguments}).encode())
        self.wait_for(lambda: number in self._results, timeout, f"the rig's agent did not answer {operation} {arguments}")
        result = self._results.pop(number)
        if result.get("errno"):
            raise OSError(result["errno"], f"in the rig: {result['error']}")
        if "error" in result:
            raise RigError(f"{operation} {arguments}: {result['error']}")
        return result["value"]

    def _receive(self, count):
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _read(self):
        try:
            while True:
                number, kind, length = HEADER.unpack(self._receive(HEADER.size))
                body = self._receive(length)
                with self.changed:
                    self._take(number, chr(kind), body)
                    self.changed.notify_all()
        except (OSError, EOFError):
            with self.changed:
                self._lost = True
                self.changed.notify_all()

    def _take(self, number, kind, body):
        if kind in "oe":
            self._processes[number]._chunks.append((kind, body))
        elif kind == "x":
            self._processes.pop(number)._status = json.loads(body)
        elif kind == "r":
            self._results[number] = json.loads(body)
        elif kind == "u":
            self.events.append(json.loads(body))
        elif kind == "!":
            self._up = True
