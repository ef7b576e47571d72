# SPDX-License-Identifier: Apache-2.0
"""Leases of people when things go badly: the daemon is away, many look on, two do the same at once, bodies are too large."""

import concurrent.futures
import contextlib
import pathlib
import signal
import socket
import subprocess
import sys
import termios
import time
import unittest

import pexpect

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import board_lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin")
ESCAPE = "\x1d"
PROMPT = "=> "
CROWD = 64


def is_cooked(child):
    return bool(termios.tcgetattr(child.fileno())[3] & termios.ICANON)


class AwayTest(board_lab.BoardLabTest):
    programs = PROGRAMS

    def console_without_daemon(self, *more):
        self.power_on()
        child = self.console("alice", "board-01", *more)
        self.see(child, "you have the keyboard" if not more else "lease of alice", PROMPT)
        self.lab.kill()
        child.expect("trying again")
        return child

    def boots(self):
        return sum(one.read_bytes().count(b"Hit any key") for one in self.lab.state.rglob("journal*") if one.is_file())

    def test_what_is_typed_while_the_daemon_is_away_never_reaches_the_board(self):
        child = self.console_without_daemon()
        child.send("echo too late\r")
        child.expect("what you type is dropped until the console is back")
        self.lab.start()
        child.expect("connected again to board-01")
        child.send("echo in time\r")
        child.expect_exact("in time\r\n")
        job = self.lease_id()
        self.cli("alice", "release")
        self.lab.wait(job)
        self.assertNotIn("too late", self.log(job))

    def test_the_menu_and_the_interrupt_key_end_a_console_that_waits(self):
        child = self.console_without_daemon()
        child.send(ESCAPE + "q")
        child.expect(pexpect.EOF)
        child.wait()
        self.assertEqual(child.exitstatus, 0)
        self.lab.start()
        child = self.console("alice")
        child.expect_exact(PROMPT)
        self.lab.kill()
        child.expect("trying again")
        child.send("\x03")
        child.expect(pexpect.EOF)

    def test_what_the_board_said_meanwhile_is_shown_once(self):
        child = self.console_without_daemon()
        before = self.boots()
        (self.boards / "board-01/reset").write_text("on")
        time.sleep(0.5)  # the board looks at its wire
        (self.boards / "board-01/reset").write_text("off")
        self.until(lambda: self.boots() == before + 1, "the board boots, and its runner writes it down")
        self.lab.start()
        child.expect("connected again to board-01")
        child.expect_exact("Hit any key")
        child.expect_exact(PROMPT)
        child.send("version\r")
        child.expect_exact("U-Boot 2026.01")
        self.assertNotIn("Hit any key", child.before)
        self.assertNotIn("missed", child.before)

    def test_the_terminal_is_as_before_when_a_signal_ends_the_console(self):
        self.power_on()
        for number in (signal.SIGTERM, signal.SIGHUP):
            child = self.console("alice")
            child.expect_exact(PROMPT)
            self.assertFalse(is_cooked(child))
            slave = open(child.ptyproc.fd, "rb", buffering=0, closefd=False)  # noqa: SIM115
            child.kill(number)
            with contextlib.suppress(pexpect.EOF):
                child.expect(pexpect.EOF)
            self.assertTrue(is_cooked(child), number)
            child.wait()
            self.assertEqual(child.signalstatus, number)
            del slave

    def test_a_console_without_an_input_reads_until_the_lease_ends(self):
        job = self.power_on()
        with subprocess.Popen(["sh", "-c", "exec %s console board-01 <&-" % (PROGRAMS / "patchbay")], text=True,
                              env=self.environment("alice"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
            seen = ""
            while PROMPT not in seen:
                piece = child.stdout.read(1)
                self.assertTrue(piece, seen)
                seen += piece
            self.cli("alice", "release")
            seen += child.stdout.read()
        self.assertEqual(child.returncode, 0, seen)
        self.assertIn("the lease has ended", seen)
        self.lab.wait(job)
        self.assertNotIn("Unknown command", self.log(job))


class LimitsTest(board_lab.BoardLabTest):
    programs = PROGRAMS

    def look_on(self):
        """One who looks at the console and has no name."""
        one = socket.create_connection(("127.0.0.1", self.lab.port), timeout=30)
        self.addCleanup(one.close)
        one.sendall(b"GET /api/v0.2/devices/board-01/console/ HTTP/1.1\r\nHost: lab\r\nUpgrade: websocket\r\n"
                    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
        return one, one.recv(12)

    def test_a_crowd_does_not_shut_out_who_has_the_lease(self):
        self.power_on()
        crowd = [self.look_on() for _ in range(CROWD)]
        self.assertEqual([head for _, head in crowd], [b"HTTP/1.1 101"] * CROWD)
        self.assertEqual(self.look_on()[1], b"HTTP/1.1 503")
        child = self.console("alice")
        child.expect("you have the keyboard")
        first, said = crowd[0][0], b""
        while b"needed your place" not in said:
            piece = first.recv(4096)
            self.assertTrue(piece, said)
            said += piece
        made = self.lab.request("POST", "/api/v0.2/leases/%d/export/" % self.lease_id(), {"protocol": "raw"},
                                token=self.tokens["alice"]).json()
        with socket.create_connection(("127.0.0.1", made["port"]), timeout=30) as port:
            port.sendall(b"echo by wire\r")
            seen = b""
            while b"\nby wire" not in seen:
                piece = port.recv(4096)
                self.assertTrue(piece, seen)
                seen += piece

    def test_all_who_extend_at_once_get_what_they_are_told(self):
        self.cli("alice", "acquire", "board-01", "--time", "1h", "--wait")
        lease = self.lease_id()

        def extend(_):
            return self.lab.request("POST", "/api/v0.2/leases/%d/extend/" % lease, {"time": "1m"}, token=self.tokens["alice"])

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(extend, range(24)))
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(self.leases()[0]["time"], 3600 + 24 * 60)
        self.assertEqual(self.cli("alice", "release", "board-01"), "board-01 is released\n")

    def test_an_image_is_one_file_without_holes(self):
        self.power_on()
        path = "/api/v0.2/leases/%d/" % self.lease_id()

        def post(what, body):
            return self.lab.request("POST", path + what, body, token=self.tokens["alice"])

        self.assertEqual(post("upload/?offset=0", b"x" * 1000).status, 200)
        self.assertEqual(post("upload/?offset=1000", b"y" * 1000).status, 200)
        for place in ("offset=2001", "offset=9223372036854775800", "offset=0&name=second"):
            self.assertEqual(post("upload/?" + place, b"z").status, 400, place)
        images = [one for one in self.lab.state.rglob("tmp/*") if one.is_file() and one.stat().st_size == 2000]
        self.assertEqual([one.name for one in images], ["image"])
        begun = post("storage/", {"write": "image"})
        self.assertEqual(begun.status, 202, begun.body)
        number = begun.json()["command"]

        def command():
            return self.lab.get(path + "commands/%d/" % number, token=self.tokens["alice"])

        self.until(lambda: command().status != 202, "the runner says that there is no medium")
        self.assertEqual(command().status, 409)
        self.assertIn("device board-01 has no storage", command().json()["detail"])
        self.assertEqual(self.lab.get(path + "commands/%d/" % number, token=self.tokens["bob"]).status, 403)
        self.assertEqual(self.lab.get(path + "commands/%d/" % (number + 1), token=self.tokens["alice"]).status, 404)

    def test_somebody_elses_lease_is_not_released_by_the_devices_name(self):
        job = self.power_on()
        self.cli("admin", "reserve", "board-01", "--for", "1h")
        self.assertIn("board-01 is released", self.cli("admin", "release", "board-01"))
        self.assertEqual(self.lab.job(job)["state"], "Running")
        said = self.cli("admin", "release", "board-01", code=1)
        self.assertIn("alice has lease %d" % job, said)
        self.assertEqual(self.lab.job(job)["state"], "Running")
        self.cli("admin", "release", str(job))
        self.lab.wait(job)


if __name__ == "__main__":
    only = sys.argv[2:]
    unittest.main(argv=[sys.argv[0], *only], verbosity=2)
