# SPDX-License-Identifier: Apache-2.0
"""Leases of people: the real daemon, its runners and the command line in a terminal, on boards that are programs."""

import os
import pathlib
import signal
import sys
import unittest

import pexpect

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import board_lab  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin")
ESCAPE = "\x1d"
PROMPT = "=> "


class SessionsTest(board_lab.BoardLabTest):
    programs = PROGRAMS

    # What it must do.

    def test_a_person_works_at_a_board_from_acquire_to_release(self):
        said = self.cli("alice", "acquire", "board-01", "--time", "1h", "--note", "bring-up", "--wait")
        self.assertIn("board-01 is yours until", said)
        device = self.device()
        self.assertEqual(device["state"], "Running")
        job = self.lease_id()
        self.assertEqual(self.lab.job(job)["submitter"], "alice")
        self.assertIn("bring-up", self.cli("bob", "leases"))

        self.assertIn("power is off", self.cli("alice", "power", "status", "board-01"))
        self.assertIn("power is on, and reads back so", self.cli("alice", "power", "on"))
        self.assertTrue(self.is_on())
        child = self.console("alice")
        child.expect("lease of alice")
        child.expect_exact(PROMPT)
        child.send("version\r")
        child.expect_exact("U-Boot 2026.01")
        child.expect_exact(PROMPT)
        child.send(ESCAPE + "c")
        self.see(child, "Hit any key", "power is on, and reads back so")
        child.send(ESCAPE + "r")
        child.expect_exact("Hit any key")
        child.send(ESCAPE + "b")
        child.expect_exact("board-01 has no serial port of its own; break goes only to a console on one")
        child.send(ESCAPE + "w")
        child.expect(r"alice by console, since .* UTC \(keyboard\)")
        child.send(ESCAPE + "q")
        child.expect(pexpect.EOF)

        self.assertIn("line reset is on, and reads back so", self.cli("alice", "line", "reset", "on"))
        self.assertIn("until", self.cli("alice", "extend", "board-01", "--time", "1h"))
        self.assertIn("board-01 is released", self.cli("alice", "release", "board-01"))
        self.assertEqual(self.lab.wait(job)["health"], "Complete")
        self.assertFalse(self.is_on())
        self.assertEqual((self.boards / "board-01/reset").read_text(), "off")
        self.assertEqual(self.device()["state"], "Idle")
        log = self.log(job)
        for words in ("lease of device board-01 for alice: bring-up", "U-Boot 2026.01", "alice: power cycle",
                      "released by alice"):
            self.assertIn(words, log)
        deeds = [(row["who"], row["action"]) for row in self.lab.get("/api/v0.2/audit/?limit=100").json()["results"]]
        for action in ("acquire", "command", "extend", "release"):
            self.assertIn(("alice", "lease." + action), deeds)

    def test_one_writes_and_many_read(self):
        self.power_on()
        alice, bob = self.console("alice"), self.console("bob")
        self.see(alice, "you have the keyboard", PROMPT)
        self.see(bob, "alice has the keyboard", PROMPT)
        bob.send("x")
        bob.expect("alice has the keyboard; ask for it")
        alice.send("echo from alice\r")
        bob.expect_exact("from alice")
        bob.send(ESCAPE + "t")
        bob.expect("only the person of the lease")
        bob.send(ESCAPE + "a")
        alice.expect("bob asks for the keyboard")
        alice.send(ESCAPE + "gbob\r")
        bob.expect("you have the keyboard")
        bob.send("echo from bob\r")
        alice.expect_exact("from bob")
        bob.send(ESCAPE + "f")
        bob.expect("only the person of the lease")
        self.assertTrue(self.is_on())
        alice.send(ESCAPE + "t")
        bob.expect("alice has taken the keyboard")
        self.cli("bob", "power", "off", "board-01", code=1)
        self.cli("bob", "release", "board-01", code=1)
        self.cli("alice", "release", "board-01")
        alice.expect("the lease has ended")
        bob.expect("the lease has ended")

    def test_two_people_and_a_job_compete_for_one_device(self):
        first = self.power_on()
        waiting = self.lab.request("POST", "/api/v0.2/leases/", {"device": "board-01"}, token=self.tokens["bob"]).json()
        self.assertEqual(waiting["state"], "Submitted")
        why = self.cli("bob", "why", str(waiting["id"]))
        self.assertIn("runs another job", why)
        self.assertIn("the job wants device board-01", why)
        second = self.lab.request("POST", "/api/v0.2/leases/", {"device_type": "board", "priority": 10}).json()
        self.until(lambda: self.device("board-02")["state"] == "Running", "the free board goes to who takes any")
        self.assertEqual(self.job_on("board-02"), second["id"])
        job = self.lab.submit("job_name: after all\ndevice_type: board\nvisibility: public\npriority: 20\n"
                              "timeouts: {job: {minutes: 1}, action: {minutes: 1}, connection: {minutes: 1}}\n"
                              "actions:\n- command: {name: nothing}\n")
        self.assertEqual(self.lab.job(job)["state"], "Submitted")
        self.cli("alice", "release", str(first))
        self.until(lambda: self.job_on() == waiting["id"], "bob is next")
        self.assertFalse(self.is_on())
        self.cli("bob", "release", "board-01")
        self.lab.wait(job)

    def test_the_lease_outlives_the_daemon(self):
        job = self.power_on()
        child = self.console("alice")
        child.expect_exact(PROMPT)
        self.lab.kill()
        child.expect("trying again")
        self.assertTrue(self.is_on())
        self.lab.start()
        child.expect("connected again to board-01")
        child.send("echo still here\r")
        child.expect_exact("still here")
        self.cli("alice", "extend", "--time", "10m")
        self.cli("alice", "release")
        self.assertEqual(self.lab.wait(job)["health"], "Complete")
        self.assertFalse(self.is_on())
        self.assertEqual(self.log(job).count("echo still here"), 1)

    def test_a_runner_that_is_killed_leaves_the_board_off(self):
        job = self.power_on()
        child = self.console("alice")
        child.expect_exact(PROMPT)
        os.kill(self.runner(job), signal.SIGKILL)
        child.expect("the lease has ended")
        self.assertEqual(self.lab.wait(job)["health"], "Incomplete")
        self.assertFalse(self.is_on())
        self.assertEqual(self.device()["state"], "Idle")

    def test_a_board_that_cannot_be_switched_off_is_bad_and_everybody_reads_why(self):
        job = self.power_on()
        power = self.boards / "board-01/power"
        power.unlink()
        power.mkdir()
        self.cli("alice", "release")
        self.until(lambda: self.device()["health"] == "Bad", "nobody noticed")
        unsafe = "cannot be brought to its safe state after job %d: device board-01: " % job
        self.assertRegex(self.cli("bob", "devices"), "\nboard-01 is Bad since .*: " + unsafe + ".*printf off.*\n")
        self.assertRegex(self.lab.daemon_log(), 'device health changed device=board-01 from=.* to=Bad reason="' + unsafe)
        power.rmdir()
        self.until(lambda: self.device()["state"] == "Idle", "it is not safe again", 90)
        self.assertFalse(self.is_on())
        again = self.cli("bob", "devices", "board-01").splitlines()
        self.assertRegex("\n".join(again), "Good -> Bad: " + unsafe)
        self.assertRegex("\n".join(again), "Bad -> Unknown: was brought to its safe state after job %d, at first in vain: "
                                           "device board-01: " % job)

    def test_daemon_and_runner_killed_leave_the_board_off(self):
        job = self.power_on()
        runner = self.runner(job)
        self.lab.kill()
        os.kill(runner, signal.SIGKILL)
        self.assertTrue(self.is_on())
        self.lab.start()
        self.assertEqual(self.lab.wait(job)["health"], "Incomplete")
        self.assertFalse(self.is_on())

    def test_a_lease_ends_by_itself_also_without_a_daemon(self):
        self.cli("alice", "acquire", "board-01", "--time", "8s", "--wait")
        job = self.lease_id()
        self.cli("alice", "power", "on")
        self.lab.kill()
        self.until(lambda: not self.is_on(), "it expires")
        self.lab.start()
        self.assertEqual(self.lab.wait(job)["health"], "Complete")
        self.assertIn("its time is over", self.log(job))

    def test_what_is_not_used_is_released(self):
        self.cli("alice", "acquire", "board-01", "--idle", "8s", "--wait")
        job = self.lease_id()
        child = self.console("alice", "board-01", "--read-only")
        child.expect("released in")
        child.expect("the lease has ended")
        self.lab.wait(job)
        self.assertIn("nothing was done with it for so long", self.log(job))

    def test_a_board_of_a_lava_file_is_powered_by_its_commands(self):
        self.cli("alice", "acquire", "lava-01", "--wait")
        self.assertIn("power is on; it cannot be read back", self.cli("alice", "power", "on"))
        child = self.console("alice", "lava-01")
        child.expect_exact(PROMPT)
        self.assertIn("hard_reset", self.cli("alice", "reset"))
        child.expect_exact("Hit any key")
        self.cli("alice", "release")
        self.until(lambda: not self.is_on("lava-01"), "it is switched off")

    def test_a_running_job_is_only_read(self):
        definition = ("job_name: long\ndevice_type: board\nvisibility: public\n"
                      "timeouts: {job: {minutes: 2}, action: {minutes: 1}, connection: {minutes: 1}}\n"
                      "actions:\n- boot: {method: minimal, prompts: ['never'], timeout: {minutes: 1}}\n")
        job = self.lab.submit(definition)
        self.lab.wait_for_line(job, "DRAM:")
        child = self.console("bob", self.lab.job(job)["actual_device"])
        child.expect("you can only read")
        child.expect_exact("DRAM:")
        self.lab.request("POST", "/api/v0.2/jobs/%s/cancel/" % job)
        child.expect("the job has ended")

    def test_nobody_else_has_the_board(self):
        job = self.power_on()
        for path, body in (("power/", {"action": "off"}), ("release/", {}), ("extend/", {"time": "1h"}),
                           ("export/", {}), ("reset/", {})):
            answer = self.lab.request("POST", "/api/v0.2/leases/%d/%s" % (job, path), body, token=self.tokens["bob"])
            self.assertEqual(answer.status, 403, path)
        self.assertEqual(self.lab.request("POST", "/api/v0.2/leases/", {"device": "board-01"}, token=None).status, 403)
        self.assertEqual(self.lab.request("POST", "/api/v0.2/leases/", {"device": "none"}).status, 400)
        personal = self.lab.request("POST", "/api/v0.2/leases/", {"device": "board-02", "visibility": "personal"},
                                    token=self.tokens["alice"]).json()["id"]
        self.assertEqual(self.lab.get("/api/v0.2/leases/%d/" % personal, token=self.tokens["bob"]).status, 404)
        self.until(lambda: self.device("board-02")["state"] == "Running", "hers")
        self.console("bob", "board-02").expect("Nobody works at device board-02")

    def test_a_device_in_maintenance_is_given_to_nobody(self):
        self.lab.request("POST", "/api/v0.2/devices/board-01/set_health/", {"health": "Maintenance"})
        lease = self.lab.request("POST", "/api/v0.2/leases/", {"device": "board-01"}, token=self.tokens["alice"]).json()
        self.assertIn("its health is Maintenance", self.cli("alice", "why", str(lease["id"])))
        self.lab.request("POST", "/api/v0.2/devices/board-01/set_health/", {"health": "Good"})
        self.until(lambda: self.job_on() == lease["id"], "it is hers now")


class ExportsTest(SessionsTest):
    """Programs that know serial ports of the network."""

    def export(self, protocol):
        job = self.lease_id()
        return self.lab.request("POST", "/api/v0.2/leases/%d/export/" % job, {"protocol": protocol},
                                token=self.tokens["alice"]).json()

    def test_raw_tcp_is_the_console_until_the_lease_ends(self):
        import socket

        self.power_on()
        said = self.cli("alice", "export", "--raw")
        self.assertIn("tcp://127.0.0.1:", said)
        made = self.export("raw")
        self.assertIn(str(made["port"]), said, "the same one")
        with socket.create_connection(("127.0.0.1", made["port"]), timeout=30) as port:
            port.sendall(b"echo by wire\r")
            seen = b""
            while b"\nby wire" not in seen:
                piece = port.recv(4096)
                self.assertTrue(piece, seen)
                seen += piece
            self.cli("alice", "release")
            while port.recv(4096):
                pass
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", made["port"]), timeout=5)

    def test_elsewhere_the_token_is_wanted(self):
        import socket

        self.power_on()
        made = self.export("raw")
        elsewhere = ("127.0.0.2", 0)
        with socket.create_connection(("127.0.0.1", made["port"]), 30, elsewhere) as port:
            port.sendall(b"wrong\r\n")
            self.assertEqual(port.recv(100), b"")
        with socket.create_connection(("127.0.0.1", made["port"]), 30, elsewhere) as port:
            port.sendall(made["token"].encode() + b"\r\nversion\r")
            self.assertTrue(port.recv(100))

    def test_rfc2217_is_spoken_with_pyserial(self):
        import serial

        self.power_on()
        made = self.export("rfc2217")
        port = serial.serial_for_url("rfc2217://127.0.0.1:%d" % made["port"], baudrate=115200, timeout=20)
        port.write(b"echo \xff by pyserial\r")
        self.assertIn(b"by pyserial", port.read_until(b"\nby pyserial"[1:] + b"\r\n"))
        port.send_break()
        port.close()
        self.cli("alice", "release")


def load_tests(loader, _, __):
    suite = unittest.TestSuite()
    for case in (SessionsTest, ExportsTest):
        for name in loader.getTestCaseNames(case):
            if case is SessionsTest or name in vars(case):
                suite.addTest(case(name))
    return suite


if __name__ == "__main__":
    only = sys.argv[2:]
    unittest.main(argv=[sys.argv[0], *only], verbosity=2)
