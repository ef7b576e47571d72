# SPDX-License-Identifier: Apache-2.0
"""A lab of boards that are programs, for tests of the real daemon, its runners and the command line."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import pexpect

import lab as labs

BOARD = pathlib.Path(__file__).resolve().parent / "board.py"


def switch(folder, name):
    """The options of a `command` driver whose contact is a file."""
    path = folder / name
    return {"driver": "command", "on_command": "sh -c 'printf on > %s'" % path,
            "off_command": "sh -c 'printf off > %s'" % path, "status_command": "sh -c 'cat %s'" % path}


def board(name, folder):
    """`folder`: of its contacts, each a file."""
    return {"name": name, "device_type": "board", "hardware": {
        "console": {"driver": "command", "command": "/usr/bin/python3 %s %s" % (BOARD, folder)},
        "power": switch(folder, "power"), "line": {"reset": switch(folder, "reset")}}}


class BoardLabTest(unittest.TestCase):
    """Without tests of its own: a lab of two boards and one as LAVA's labs describe theirs."""

    def setUp(self):
        self.boards = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-boards-"))
        self.devices = []
        for name in ("board-01", "board-02"):
            folder = self.boards / name
            folder.mkdir()
            (folder / "power").write_text("off")
            (folder / "reset").write_text("off")
            self.devices.append(board(name, folder))
        # As LAVA's labs describe a board.
        folder = self.boards / "lava-01"
        folder.mkdir()
        (self.boards / "lava-01.yaml").write_text(json.dumps({
            "hostname": "lava-01", "devicetype": "lava-board", "constants": {}, "parameters": {}, "actions": {}, "timeouts": {},
            "commands": {
                "connect": "/usr/bin/python3 %s %s" % (BOARD, folder),
                "power_on": "sh -c 'printf on > %s/power'" % folder,
                "power_off": "sh -c 'printf off > %s/power'" % folder,
                "hard_reset": "sh -c 'printf off > %s/power; sleep 0.1; printf on > %s/power'" % (folder, folder)}}))
        self.devices.append({"name": "lava-01", "device_type": "lava-board", "file": str(self.boards / "lava-01.yaml")})
        self.lab = labs.Lab(self.programs, self.configuration())
        self.addCleanup(self.lab.close)
        self.lab.start()
        self.tokens = {"admin": self.lab.add_user("admin")}
        for name in ("alice", "bob"):
            self.tokens[name] = self.lab.add_user(name, superuser=False)

    def configuration(self):
        types = {name: {"disable_health_check": True} for name in ("board", "lava-board")}
        return "devices: %s\ndevice_types: %s\n" % (json.dumps(self.devices), json.dumps(types))

    # The command line.

    def environment(self, user):
        return dict(os.environ, PATCHBAY_SERVER=self.lab.url, PATCHBAY_TOKEN=self.tokens[user], HOME=str(self.boards),
                    TERM="xterm")

    def cli(self, user, *arguments, code=0):
        done = subprocess.run([str(self.programs / "patchbay"), *arguments], env=self.environment(user), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, code, "%s: %s%s\n%s" % (arguments, done.stdout, done.stderr, self.lab.daemon_log()))
        return done.stdout + done.stderr

    def console(self, user, device="board-01", *more):
        child = pexpect.spawn(str(self.programs / "patchbay"), ["console", device, *more], env=self.environment(user),
                              encoding="utf-8", codec_errors="replace", timeout=30)
        self.addCleanup(child.close, force=True)
        return child

    @staticmethod
    def see(child, *texts):
        """All of them, in any order: what a board said before somebody came is shown first."""
        missing = list(texts)
        while missing:
            missing.pop(child.expect_exact(missing))

    # The lab as it is.

    def device(self, name="board-01"):
        return self.lab.get("/api/v0.2/devices/%s/" % name).json()

    def job_on(self, device="board-01"):
        return next((one["id"] for one in self.leases() if one["device"] == device), None)

    def leases(self):
        return self.lab.get("/api/v0.2/leases/").json()["results"]

    def lease_id(self, device="board-01"):
        return next(one["id"] for one in self.leases() if one["device"] == device and one["state"] == "Running")

    def is_on(self, device="board-01"):
        path = self.boards / device / "power"
        return path.exists() and path.read_text().strip() == "on"

    def until(self, holds, what, seconds=30):
        self.lab.until(holds, what, seconds)

    def log(self, job):
        return "\n".join(self.lab.log_lines(job))

    def runner(self, job):
        for pid in labs.processes_of(self.lab.state):
            with contextlib.suppress(OSError):
                words = pathlib.Path("/proc/%d/cmdline" % pid).read_bytes().split(b"\0")
                if b"--lease" in words:
                    return pid
        raise AssertionError("lease %s has no runner" % job)

    def power_on(self, user="alice", device="board-01"):
        self.cli(user, "acquire", device, "--wait")
        self.cli(user, "power", "on", device)
        return self.lease_id(device)
