# SPDX-License-Identifier: Apache-2.0
"""A board on the bench: a QEMU of its own outside the rig, wired to it by a serial line and what switches its power."""

import concurrent.futures
import subprocess

from .machine import die_with_parent

U_BOOT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"

# Children end with the thread that started them, so that is one that lives as long as the test's process.
starter = concurrent.futures.ThreadPoolExecutor(1)


class Board:
    """A 64-bit ARM board with U-Boot, whose console is `line`: "Hit any key" after half a second, prompt "=> ".

    relay.contacts.on_switch = lambda channel, on: board.power(on)   puts its supply behind a relay; a hub's port the same.
    more: further arguments of QEMU, such as ["-S"] for a board that never says a word."""

    def __init__(self, line, more=()):
        self.command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57", "-m", "256", "-bios", U_BOOT, "-nodefaults",
                        "-no-user-config", "-display", "none", "-accel", "tcg", "-chardev", f"socket,id=line,path={line.path}",
                        "-serial", "chardev:line", *more]
        self.starts = 0
        self._process = None

    @property
    def powered(self):
        return self._process is not None

    def power(self, on):
        """Gives the board current, or takes it away: then it is dead at once."""
        if on and not self._process:
            self.starts += 1
            self._process = starter.submit(subprocess.Popen, self.command, stdin=subprocess.DEVNULL,
                                           preexec_fn=die_with_parent).result()
        elif not on and self._process:
            process, self._process = self._process, None
            process.kill()
            process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.power(False)
