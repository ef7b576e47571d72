# SPDX-License-Identifier: Apache-2.0
"""A board that costs nothing: no machine, but a few words on a serial line."""


class SerialBoard:
    """A board at the far end of a serial line. It boots to a prompt as soon as it has power; `relay.contacts.on_switch =
    lambda channel, on: board.power(on)` puts its supply behind a relay. It answers `wait` when the test says go_on().

    name: what it says of itself when it boots."""

    def __init__(self, line, name="serial board"):
        self.name, self.powered, self.waits, self._typed = name, False, False, b""
        self.wire(line)

    def wire(self, line):
        """Its console is at this line from now on."""
        self.line = line
        line.on_receive = self.typed

    def power(self, on):
        self.powered, self.waits, self._typed = on, False, b""
        if on:
            self.line.send(f"\r\nBoard: {self.name}\r\n[    0.000000] Linux version 6.1.0\r\n=> ".encode())

    def typed(self, data):
        if not self.powered:
            return
        self.line.send(data)
        self._typed += data
        while b"\n" in (text := self._typed.replace(b"\r", b"\n")):
            command, _, self._typed = text.partition(b"\n")
            if command.strip() == b"version":
                self.line.send(b"\r\nBoard 2026.01\r\n=> ")
            elif command.strip() == b"wait":
                self.waits = True
            elif command.strip():
                self.line.send(b"\r\nUnknown command\r\n=> ")

    def go_on(self):
        self.waits = False
        self.line.send(b"\r\nwaited enough\r\n=> ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.power(False)
