# SPDX-License-Identifier: Apache-2.0
"""A bench without the rig: a board whose console is a TCP port of a console server and whose supply a command switches."""

import contextlib
import pathlib
import shlex
import socket
import tempfile
import threading

from rig.channel import RigError
from rig.serial_line import SerialLine

SWITCH = pathlib.Path(__file__).with_name("switch.py")


class TcpLine(SerialLine):
    """The serial line behind a port of a console server: one client at a time, the last who came; without one, what the
    board says is lost."""

    @property
    def console(self):
        """As `hardware:` of a device names it."""
        return {"driver": "tcp", "host": "127.0.0.1", "port": self.port}

    def __init__(self):
        super().__init__()
        self._client = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.connect(self._to_client)
        threading.Thread(target=self._accept, daemon=True).start()

    def _to_client(self, data):
        if client := self._client:
            with contextlib.suppress(OSError):
                client.sendall(data)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                previous, self._client = self._client, client
                if previous:
                    with contextlib.suppress(OSError):
                        previous.shutdown(socket.SHUT_RDWR)
                threading.Thread(target=self._read, args=(client,), daemon=True).start()

    def _read(self, client):
        with client, contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.from_adapter(data)
        if self._client is client:
            self._client = None

    def end(self):
        self._server.close()
        super().end()


class Bench:
    """`with Bench(Board, lan=lan) as bench:` is a board of this kind with its console and its supply; the other arguments are
    those of the kind. line: another than a console server's, such as a UsbSerialPort.

    bench.hardware   what the board's device has as `hardware:`, with Patchbay's drivers
    bench.commands   what LAVA's device files have as `commands:`"""

    def __init__(self, kind, *arguments, line=None, **more):
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-bench-")
        self._path = str(pathlib.Path(self._folder.name) / "switch")
        self.line = line or TcpLine()
        self.board = kind(self.line, *arguments, **more)
        self._switching = threading.Lock()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self._path)
        self._server.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()

    def switch(self, word):
        """The command that switches the supply: on, off, reset; `status` prints which it is."""
        return f"python3 {shlex.quote(str(SWITCH))} {shlex.quote(self._path)} {word}"

    @property
    def hardware(self):
        return {"console": self.line.console,
                "power": {"driver": "command", "on_command": self.switch("on"), "off_command": self.switch("off"),
                          "status_command": self.switch("status")}}

    @property
    def commands(self):
        connect = {"connect": f"telnet 127.0.0.1 {self.line.port}"} if isinstance(self.line, TcpLine) else {}
        return {**connect, "hard_reset": self.switch("reset"), "power_on": self.switch("on"), "power_off": self.switch("off")}

    def console(self):
        """The console as a person at a terminal has it."""
        return Console(self.line.port)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._obey, args=(client,), daemon=True).start()

    def _obey(self, client):
        with client, self._switching:
            word = client.recv(100).decode().strip()
            if word in ("off", "reset"):
                self.board.power(False)
            if word in ("on", "reset"):
                self.board.power(True)
            client.sendall(b"on" if self.board.powered else b"off")

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._switching:
            self.board.__exit__(*what)
        self.line.end()
        self._folder.cleanup()


class Console:
    """A client of a console's port: `said` is what the board wrote and nobody waited for yet."""

    def __init__(self, port):
        self.said = b""
        self._socket = socket.create_connection(("127.0.0.1", port))

    def expect(self, text, timeout=120):
        """Waits for these bytes; returns what came before them."""
        self._socket.settimeout(timeout)
        while text not in self.said:
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                data = b""
            if not data:
                raise RigError(f"the board did not say {text!r}, but: {self.said[-3000:].decode('utf-8', 'replace')}")
            self.said += data
        before, _, self.said = self.said.partition(text)
        return before

    def type(self, text):
        self._socket.sendall(text)

    def ask(self, command, prompt, timeout=120):
        """Types a line; returns what comes until the prompt."""
        self.type(command.encode() + b"\n")
        return self.expect(prompt, timeout).decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
