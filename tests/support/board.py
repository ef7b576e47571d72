#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A board of the test: what its serial line says, as a program in a terminal. Its supply and its reset wire are files of
the folder FOLDER: `power` ("on" or "off") and `reset` ("on" while it is pressed). It boots to a boot loader's prompt.

usage: board.py FOLDER"""

import os
import pathlib
import select
import sys
import tty

BANNER = "\r\nU-Boot 2026.01 (board of the test)\r\n\r\nDRAM:  512 MiB\r\nHit any key to stop autoboot:  0\r\n"
PROMPT = "=> "
LOOK = 0.02  # seconds between two looks at the supply


class Board:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.on = False
        self.line = ""

    def wire(self, name):
        try:
            return (self.folder / name).read_text().strip() == "on"
        except OSError:
            return False

    def say(self, text):
        os.write(1, text.encode())

    def boot(self):
        self.line = ""
        self.say(BANNER + PROMPT)

    def look(self):
        on = self.wire("power") and not self.wire("reset")
        if on and not self.on:
            self.boot()
        self.on = on

    def run(self, command):
        word, _, rest = command.partition(" ")
        if word == "version":
            self.say("U-Boot 2026.01 (board of the test)\r\n")
        elif word == "echo":
            self.say(rest + "\r\n")
        elif word == "count":
            self.say("".join("line %d\r\n" % i for i in range(int(rest))))
        elif word == "reset":
            return self.boot()
        elif word:
            self.say("Unknown command '%s' - try 'help'\r\n" % word)
        self.say(PROMPT)

    def typed(self, keys):
        for key in keys.decode(errors="replace"):
            if key in "\r\n":
                self.say("\r\n")
                command, self.line = self.line, ""
                self.run(command.strip())
            elif key == "\x03":
                self.say("<INTERRUPT>\r\n" + PROMPT)
                self.line = ""
            else:
                self.line += key
                self.say(key)

    def live(self):
        while True:
            self.look()
            ready, _, _ = select.select([0], [], [], LOOK)
            if not ready:
                continue
            keys = os.read(0, 4096)
            if not keys:
                return
            self.look()
            if self.on:
                self.typed(keys)


if __name__ == "__main__":
    if os.isatty(0):
        tty.setraw(0)
    Board(sys.argv[1]).live()
