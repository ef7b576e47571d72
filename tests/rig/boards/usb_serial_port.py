# SPDX-License-Identifier: Apache-2.0
"""A serial adapter of this machine's, without the rig: a pseudo terminal that a program sees as a USB adapter's port."""

import contextlib
import os
import pathlib
import tempfile
import threading
import tty

from rig.serial_line import SerialLine
from rig.testing import programs

NAME = "ttyUSB0"
# What libserialport asks of a port and a pseudo terminal cannot do.
SHIM = "tests/support/libpatchbay_pty_shim.so"


class UsbSerialPort(SerialLine):
    """The board's end of the wires behind the adapter with this serial number. Only programs started by `seen_by` have the
    port, and no other. What the board says while nobody reads waits for who does."""

    def __init__(self, serial_number):
        super().__init__()
        self.serial_number = serial_number
        self._tree = tempfile.TemporaryDirectory(prefix="patchbay-port-")
        self._root = pathlib.Path(self._tree.name)
        self._wire, self._port = os.openpty()
        tty.setraw(self._port)
        self._describe()
        self.connect(self._to_port)
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def console(self):
        """As `hardware:` of a device names it."""
        return {"driver": "serial", "serial_number": self.serial_number, "speed": 115200}

    def seen_by(self, words):
        """The command line of a program that has the port, as have all that it starts: in the place of the kernel's list
        of ports it sees another, which no other program does."""
        own_list = 'mount --bind "$0" /sys/class/tty && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", own_list, str(self._root / "sys/class/tty"),
                "env", f"LD_PRELOAD={shim()}", f"PATCHBAY_PTY_ROOT={self._root}", *words]

    def _describe(self):
        """In the folders of the kernel's, and those of tests/support/pty_shim.cpp."""
        adapter = self._root / "usb1/1-1.4"
        entry = adapter / "1-1.4:1.0" / NAME / "tty" / NAME
        entry.mkdir(parents=True)
        (entry / "device").symlink_to("../..")
        for name, text in (("idVendor", "0403"), ("idProduct", "6001"), ("manufacturer", "FTDI"), ("product", "FT232R USB UART"),
                           ("serial", self.serial_number), ("1-1.4:1.0/bInterfaceNumber", "00")):
            (adapter / name).write_text(text + "\n", "ascii")
        for folder, target in (("sys/class/tty", entry), ("pty", os.ttyname(self._port)), ("dev", None)):
            (self._root / folder).mkdir(parents=True)
            if target:
                (self._root / folder / NAME).symlink_to(target)
        (self._root / "dev" / NAME).touch()

    def _to_port(self, data):
        while data:
            data = data[os.write(self._wire, data):]

    def _read(self):
        with contextlib.suppress(OSError):  # at the end
            while data := os.read(self._wire, 65536):
                self.from_adapter(data)

    def end(self):
        super().end()
        os.close(self._port)
        self._tree.cleanup()


def shim():
    return programs().parent / SHIM


def can_be_seen():
    """A library of the sanitizers' cannot be loaded into programs without them, as the shim is."""
    return b"__asan_init" not in (text := shim().read_bytes()) and b"__tsan_init" not in text
