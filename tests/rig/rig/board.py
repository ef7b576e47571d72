# SPDX-License-Identifier: Apache-2.0
"""A board on the bench: a QEMU of its own outside the rig, wired to it by a serial line and what switches its power."""

import concurrent.futures
import pathlib
import shutil
import subprocess
import tempfile

from .machine import QEMU, die_with_parent

U_BOOT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"
OVMF = pathlib.Path("/usr/share/OVMF")

# Children end with the thread that started them, so that is one that lives as long as the test's process.
starter = concurrent.futures.ThreadPoolExecutor(1)


def start(command, **how):
    """A process that ends with the test's, however that ends."""
    return starter.submit(subprocess.Popen, command, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **how).result()


class Board:
    """A 64-bit ARM board with U-Boot, whose console is `line`: "Hit any key" after half a second, prompt "=> ".

    relay.contacts.on_switch = lambda channel, on: board.power(on)   puts its supply behind a relay; a hub's port the same.
    lan: a boards.Lan that its network card is on; else it has none.
    more: further arguments of QEMU, such as ["-S"] for a board that never says a word."""

    memory = 256

    def __init__(self, line, more=(), lan=None):
        self.command = [*self.machine(), "-m", str(self.memory), "-nodefaults", "-no-user-config", "-display", "none", "-accel", "tcg",
                        "-chardev", f"socket,id=line,path={line.path}", "-serial", "chardev:line", *(lan.card() if lan else []), *more]
        self.starts = 0
        self._process = None

    def machine(self):
        return ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57", "-bios", U_BOOT]

    @property
    def powered(self):
        return self._process is not None

    def power(self, on):
        """Gives the board current, or takes it away: then it is dead at once."""
        if on and not self._process:
            self.starts += 1
            self._process = start(self.command)
        elif not on and self._process:
            process, self._process = self._process, None
            process.kill()
            process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.power(False)


class UefiBoard(Board):
    """A PC with UEFI, which starts EFI/BOOT/BOOTX64.EFI of the folder `disk`: with that of build/boards GRUB, whose menu
    is there after five seconds.

    What it writes is gone at the end: its disk and the variables of its firmware are copies."""

    memory = 512

    def __init__(self, line, disk, more=(), lan=None):
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-board-")
        self.folder = pathlib.Path(self._folder.name)
        shutil.copytree(disk, self.folder / "disk")
        shutil.copy(OVMF / "OVMF_VARS_4M.fd", self.folder / "variables")
        super().__init__(line, more, lan)

    def machine(self):
        return [QEMU, "-M", "q35", "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}/OVMF_CODE_4M.fd",
                "-drive", f"if=pflash,format=raw,file={self.folder}/variables",
                "-drive", f"if=none,id=disk,format=raw,file=fat:rw:{self.folder}/disk", "-device", "virtio-blk-pci,drive=disk,bootindex=1"]

    def __exit__(self, *_):
        super().__exit__()
        self._folder.cleanup()
