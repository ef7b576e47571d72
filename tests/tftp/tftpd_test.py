# SPDX-License-Identifier: Apache-2.0
"""patchbay-tftpd as its unit starts it, and the clients that people have: curl, tftp-hpa, atftp."""

import argparse
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

# The shell becomes the server, so LISTEN_PID is right; the socket comes in as its standard input.
PASSED = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&0 < /dev/null'
# curl takes a size of 0 among the options for a mistake.
SIZES = (0, 1, 511, 512, 1467, 1468, 2 * 1468, 100_000, 3_000_000)


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"no {program} here (scripts/install-deps test)")


class Server:
    """The program, with a UDP socket that was opened for it."""

    def __init__(self, root, *options, kind=socket.SOCK_DGRAM, host="127.0.0.1", passed=True):
        self.folder = tempfile.TemporaryDirectory()
        self.ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ready.bind(self.folder.name + "/notify")
        self.ready.settimeout(30)
        self.log = open(self.folder.name + "/log", "w+")
        command = [arguments.program, "--root", str(root), *options]
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as opened:
            opened.bind((host, 0))
            self.port = opened.getsockname()[1]
            environment = dict(os.environ, NOTIFY_SOCKET=self.folder.name + "/notify")
            if passed:
                command = ["/bin/sh", "-c", PASSED, "sh", *command]
            self.process = subprocess.Popen(command, stdin=opened, stderr=self.log, env=environment)

    def __enter__(self):
        assert self.ready.recv(100) == b"READY=1"
        return self

    def text(self):
        return pathlib.Path(self.log.name).read_text()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(30)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.ready.close()
        self.folder.cleanup()


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name, "root")
        (cls.root / "7/kernel").mkdir(parents=True)
        for size in SIZES:
            (cls.root / "7/kernel" / str(size)).write_bytes(random.Random(size).randbytes(size))
        cls.server = Server(cls.root)
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.folder.cleanup()

    def fetch(self, path, *command):
        """What the client wrote into the file that is the last word of its command."""
        with tempfile.NamedTemporaryFile() as file:
            done = subprocess.run([*command, file.name], capture_output=True, text=True, check=False, timeout=60)
            return done, pathlib.Path(file.name).read_bytes()

    def expect_all(self, *command, sizes=SIZES):
        for size in sizes:
            words = [word.replace("FILE", f"7/kernel/{size}").replace("PORT", str(self.server.port)) for word in command]
            with self.subTest(size=size):
                done, got = self.fetch(size, *words)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(got, (self.root / "7/kernel" / str(size)).read_bytes())

    @needs("curl")
    def test_curl_with_the_blocks_of_boot_loaders(self):
        self.expect_all("curl", "-sS", "--tftp-blksize", "1468", "tftp://127.0.0.1:PORT/FILE", "-o", sizes=SIZES[1:])

    @needs("curl")
    def test_curl_without_options(self):
        self.expect_all("curl", "-sS", "--tftp-no-options", "tftp://127.0.0.1:PORT/FILE", "-o")

    @needs("curl")
    def test_curl_with_blocks_of_fragments(self):
        self.expect_all("curl", "-sS", "--tftp-blksize", "65464", "tftp://127.0.0.1:PORT/FILE", "-o", sizes=SIZES[1:])

    @needs("curl")
    def test_more_blocks_than_there_are_numbers(self):
        file = self.root / "many"
        file.write_bytes(random.Random(1).randbytes(70_000 * 8 + 5))
        done, got = self.fetch("many", "curl", "-sS", "--tftp-blksize", "8", f"tftp://127.0.0.1:{self.server.port}/many", "-o")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(got, file.read_bytes())

    @needs("tftp")
    def test_tftp_hpa(self):
        self.expect_all("tftp", "-m", "binary", "127.0.0.1", "PORT", "-c", "get", "FILE")

    @needs("atftp")
    def test_atftp_with_windows(self):
        for window in ("1", "4", "16"):
            self.expect_all("atftp", "--option", "blksize 1468", "--option", f"windowsize {window}", "-g", "-r", "FILE",
                            "127.0.0.1", "PORT", "-l")

    @needs("curl")
    def test_what_curl_says_when_it_gets_nothing(self):
        for path, code in (("none", 68), ("..%2f..%2fetc/passwd", 69), ("7", 69)):  # not found, no permission
            done, got = self.fetch(path, "curl", "-s", f"tftp://127.0.0.1:{self.server.port}/{path}", "-o")
            self.assertEqual((done.returncode, got), (code, b""), path)

    @needs("tftp")
    def test_what_tftp_hpa_says_when_it_gets_nothing(self):
        port = str(self.server.port)
        for command, said in ((["-m", "ascii", "127.0.0.1", port, "-c", "get", "7/kernel/511"], "only the mode octet"),
                              (["-m", "binary", "127.0.0.1", port, "-c", "put", __file__], "only sends files")):
            with tempfile.NamedTemporaryFile() as file:
                done = subprocess.run(["tftp", *command, file.name], capture_output=True, text=True, check=False, timeout=60)
            self.assertIn(said, done.stdout + done.stderr)

    @needs("curl")
    def test_many_clients_at_once_all_get_their_file(self):
        clients = [subprocess.Popen(["curl", "-sS", "--tftp-blksize", "1468", "-o", f"{self.folder.name}/got{number}",
                                     f"tftp://127.0.0.1:{self.server.port}/7/kernel/100000"]) for number in range(32)]
        self.assertEqual([client.wait(60) for client in clients], [0] * 32)
        wanted = (self.root / "7/kernel/100000").read_bytes()
        for number in range(32):
            self.assertEqual(pathlib.Path(f"{self.folder.name}/got{number}").read_bytes(), wanted)

    @needs("curl")
    def test_each_transfer_is_one_line_of_the_log(self):
        subprocess.run(["curl", "-sS", "-o", "/dev/null", f"tftp://127.0.0.1:{self.server.port}/7/kernel/1467"], check=True)
        subprocess.run(["curl", "-s", f"tftp://127.0.0.1:{self.server.port}/no%0Aline"], check=False)
        # The server writes its line after it has the last acknowledgement; the next request is behind that.
        lines = self.server.text().splitlines()
        self.assertRegex("\n".join(lines), r'file sent client=127\.0\.0\.1:\d+ file="7/kernel/1467" bytes=1467 took=\S+s '
                                           r'rate=\S+MiB/s')
        refused = [line for line in lines if "no\\nline" in line]
        self.assertEqual(len(refused), 1)
        self.assertIn('reason="File not found below the root of the server"', refused[0])


class Program(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.TemporaryDirectory()
        self.addCleanup(self.root.cleanup)
        pathlib.Path(self.root.name, "file").write_text("text")

    def fails(self, *options, **how):
        server = Server(self.root.name, *options, **how)
        self.addCleanup(server.__exit__)
        return server.process.wait(30), server.text()

    def test_a_signal_ends_it_with_success_also_while_it_sends(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Server(self.root.name) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(30)
                client.sendto(b"\0\1file\0octet\0", ("127.0.0.1", server.port))
                self.assertEqual(client.recv(100), b"\0\3\0\1text")
                self.assertEqual(server.end(number), 0)
                self.assertEqual(client.recv(100), b"\0\5\0\0the server stops; ask again\0")
                self.assertEqual(server.ready.recv(100), b"STOPPING=1")
                self.assertIn("transfers=1", server.text())

    def test_it_listens_where_it_is_told(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with Server(self.root.name, "--listen", f"127.0.0.1:{port}", "--listen", "127.0.0.3:0", passed=False) as server:
            self.assertRegex(server.text(), rf"listening address=127.0.0.1 port={port}\n")
            self.assertRegex(server.text(), r"listening address=127.0.0.3 port=[1-9]")

    def test_what_it_cannot_do_is_said_at_the_start(self):
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        code, said = self.fails("--listen", f"127.0.0.1:{port}", passed=False)
        self.assertEqual(code, 1)
        self.assertIn(f"patchbay-tftpd: cannot listen on 127.0.0.1:{port}: Address already in use; is another TFTP server", said)
        for options, reason in ((("--listen", "localhost:69"), "the host must be an address"),
                                (("--listen", "127.0.0.1"), "has no port"),
                                (("--root", "/no/such/folder"), "root '/no/such/folder': No such file or directory")):
            command = [arguments.program, *(["--root", self.root.name] if options[0] != "--root" else []), *options]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn(reason, done.stderr)

    def test_sockets_of_the_unit_must_be_of_udp_and_are_not_given_twice(self):
        code, said = self.fails(kind=socket.SOCK_STREAM)
        self.assertEqual(code, 1)
        self.assertIn("its .socket needs ListenDatagram=", said)
        code, said = self.fails("--listen", "127.0.0.1:0")
        self.assertEqual(code, 1)
        self.assertIn("systemd has opened the sockets already", said)

    def test_wrong_arguments_end_with_2(self):
        for words in ([], ["--root", "/tmp", "--no-such"], ["--root", "/tmp", "--max-transfers", "0"]):
            self.assertEqual(subprocess.run([arguments.program, *words], capture_output=True, check=False).returncode, 2)


class UnreachableClient(unittest.TestCase):
    """In a network of its own, where a route can be taken away."""

    INSIDE = "PATCHBAY_TFTP_TEST_INSIDE"

    def test_gets_its_file_when_it_can_be_reached_again(self):
        if self.INSIDE in os.environ:
            return self.lose_the_route()
        if subprocess.run(["unshare", "-rn", "ip", "link"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no network of the test's own (unshare -rn ip link)")
        again = ["unshare", "-rn", sys.executable, __file__, "--program", arguments.program, type(self).__name__]
        done = subprocess.run(again, env={**os.environ, self.INSIDE: "1"}, capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)

    @staticmethod
    def packets_without_a_route():
        names, values = [line.split() for line in pathlib.Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:")]
        return int(dict(zip(names, values))["OutNoRoutes"])

    def lose_the_route(self):
        def ip(words):
            subprocess.run(["ip", *words.split()], check=True)
        ip("link set lo up")
        ip("address add 127.0.0.9/32 dev lo")
        with tempfile.TemporaryDirectory() as root, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            pathlib.Path(root, "file").write_bytes(b"x" * 700)
            client.settimeout(30)
            client.bind(("127.0.0.9", 0))
            with Server(root) as server:
                client.sendto(b"\0\1file\0octet\0", ("127.0.0.1", server.port))
                block, transfer = client.recvfrom(1000)
                self.assertEqual(block, b"\0\3\0\1" + b"x" * 512)
                ip("route replace throw 127.0.0.9 table local")
                client.sendto(b"\0\4\0\1", transfer)
                end = time.monotonic() + 30
                while self.packets_without_a_route() == 0:  # the second block
                    self.assertLess(time.monotonic(), end)
                ip("route replace local 127.0.0.9 dev lo table local")
                self.assertEqual(client.recv(1000), b"\0\3\0\2" + b"x" * 188)
                client.sendto(b"\0\4\0\2", transfer)
                while "blocks_again=" not in server.text():
                    self.assertLess(time.monotonic(), end)
                self.assertRegex(server.text(), r"file sent .* bytes=700 .* blocks_again=1\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=["tftpd_test.py", *rest], verbosity=2)  # names what was skipped
