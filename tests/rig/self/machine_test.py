# SPDX-License-Identifier: Apache-2.0
"""The rig itself: programs run inside and are reached from outside; boards stand beside it."""

import os
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import Board, CdcAcm, Ftdi, HidRelay, Rig, testing  # noqa: E402


class Programs(unittest.TestCase):
    def test_they_run_as_root_and_as_others_with_output_and_status(self):
        with Rig() as rig:
            done = rig.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
            self.assertEqual((done.status, done.stdout, done.stderr), (3, "out\n", "err\n"))
            self.assertEqual(rig.run(["cat"], input=b"given").output, "given")
            self.assertEqual(rig.run(["/no/such/program"]).status, 127)
            self.assertEqual(rig.shell("id -un").strip(), "root")
            self.assertEqual(rig.run(["id", "-un"], user="daemon").output.strip(), "daemon")
            self.assertIn("dialout", rig.run(["id", "-Gn"], user="daemon").output)
            self.assertNotIn("dialout", rig.run(["id", "-Gn"], user="daemon", groups=()).output)

            running = rig.start(["sh", "-c", "echo begun; exec sleep 1000"])
            running.expect("begun")
            self.assertIsNone(running.status)
            self.assertEqual(running.stop().status, -15)

    def test_they_see_the_hosts_files_and_leave_none(self):
        with Rig() as rig:
            this = pathlib.Path(__file__).resolve()
            self.assertEqual(rig.read(this), this.read_text("utf-8"))
            mark = f"/var/tmp/patchbay-rig-{os.getpid()}"
            self.assertEqual(rig.shell(f"echo written > {mark}; cat {mark}"), "written\n")
            self.assertFalse(os.path.exists(mark))
        with Rig() as rig:
            self.assertEqual(rig.run(["test", "-e", mark]).status, 1)


class Surroundings(testing.RigTest):
    def test_network(self):
        port = self.rig.forward(8080)
        server = self.rig.start(["busybox", "nc", "-l", "-p", "8080", "-e", "echo", "hello"])
        def answer():
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                return connection.recv(100)
        self.assertEqual(self.rig.poll(answer, "nobody answers"), b"hello\n")
        server.wait()

    def test_board_with_its_power_behind_a_relay(self):
        adapter, relay = self.rig.plug(Ftdi()), self.rig.plug(HidRelay())
        board = self.enterContext(Board(adapter.line))
        relay.contacts.on_switch = lambda channel, on: board.power(on)
        console = self.rig.start(["sh", "-c", f"stty -F {adapter.node()} raw -echo; echo open; exec cat {adapter.node()}"])
        console.expect("open")
        self.rig.shell("usbrelay RIG01_1=1")
        console.expect("Hit any key")
        self.rig.shell(f"echo > {adapter.node()}")
        console.expect("=> ")
        self.rig.shell(f"echo version > {adapter.node()}")
        console.expect("=> version")
        self.rig.shell("usbrelay RIG01_1=0")
        self.assertFalse(board.powered)
        self.rig.shell("usbrelay RIG01_1=1")
        self.rig.wait_for(lambda: console.output().count("Hit any key") == 2, "the board did not start again")
        relay.unplug()
        self.assertTrue(board.powered)

    def test_adapter_that_is_part_of_the_board(self):
        adapter, relay = self.rig.plug(CdcAcm()), self.rig.plug(HidRelay())
        relay.contacts.on_switch = lambda channel, on: adapter.power(on)
        adapter.power(False)
        adapter.wait_until_gone()
        self.rig.shell("usbrelay RIG01_1=1")
        adapter.wait_until_there()
        self.passes_bytes(adapter)
        self.rig.shell("usbrelay RIG01_1=0")
        adapter.wait_until_gone()


if __name__ == "__main__":
    testing.main(tools=("usbrelay", "qemu-system-aarch64"))
