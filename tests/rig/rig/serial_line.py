# SPDX-License-Identifier: Apache-2.0
"""The board's end of a serial line."""

import os
import socket
import tempfile
import threading
import time

from .channel import RigError


class SerialLine:
    """What a board would see of an adapter's wires: a test is the board, or a QEMU that connects to `path`."""

    def __init__(self):
        self.echo = False      # sends back what comes
        self.on_receive = None  # called with what comes, in a thread of the rig
        self._to_adapter = lambda data: None
        self._received = bytearray()
        self._changed = threading.Condition()
        self._listener = None
        self._board = None

    # --- the test's side ----------------------------------------------------------------------------------------------

    def send(self, data):
        """The board writes these bytes."""
        self._to_adapter(bytes(data))

    @property
    def received(self):
        """All that came from the adapter and was not taken."""
        with self._changed:
            return bytes(self._received)

    def take(self, count, timeout=30):
        """Waits for `count` bytes and takes them."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._received) >= count, timeout):
                raise RigError(f"after {timeout} s the line had not {count} bytes, but {len(self._received)}: {bytes(self._received[:200])!r}")
            taken = bytes(self._received[:count])
            del self._received[:count]
            return taken

    def expect(self, text, timeout=30):
        """Waits until these bytes came and takes all up to their end."""
        with self._changed:
            if not self._changed.wait_for(lambda: text in self._received, timeout):
                raise RigError(f"after {timeout} s the line had not {text!r}, but: {bytes(self._received[-2000:])!r}")
            end = self._received.index(text) + len(text)
            taken = bytes(self._received[:end])
            del self._received[:end]
            return taken

    def babble(self, chunk, seconds):
        """The board writes `chunk` again and again for so long; returns how many bytes that were."""
        end, sent = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            self.send(chunk)
            sent += len(chunk)
        return sent

    @property
    def path(self):
        """A socket for a board outside: `qemu … -chardev socket,id=c,path=PATH -serial chardev:c`. One at a time."""
        if not self._listener:
            self._folder = tempfile.TemporaryDirectory(prefix="patchbay-line-")
            self._path = os.path.join(self._folder.name, "line")
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(self._path)
            self._listener.listen(1)
            threading.Thread(target=self._serve_boards, daemon=True).start()
        return self._path

    # --- the adapter's side -------------------------------------------------------------------------------------------

    def connect(self, to_adapter):
        self._to_adapter = to_adapter

    def from_adapter(self, data):
        with self._changed:
            board = self._board
            if not board:
                self._received += data
                self._changed.notify_all()
        if board:
            try:
                board.sendall(data)
            except OSError:
                pass  # a board without power hears nothing
        if self.on_receive:
            self.on_receive(data)
        if self.echo:
            self._to_adapter(data)

    def _serve_boards(self):
        while True:
            try:
                board, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._board = board
            try:
                while data := board.recv(65536):
                    self._to_adapter(data)
            except OSError:
                pass
            with self._changed:
                self._board = None
            board.close()

    def end(self):
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._folder.cleanup()
