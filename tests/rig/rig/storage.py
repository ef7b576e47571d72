# SPDX-License-Identifier: Apache-2.0
"""A USB stick or an SD card behind a multiplexer: a file of the host's."""

import tempfile

from .device import UsbDevice


class UsbStick(UsbDevice):
    """QEMU's usb-storage: 46f4:0001, /dev/sdX, with a serial number. `read` and `write` are what is really on it.

    bad_sector: writing this sector of 512 bytes is an I/O error, each time."""

    expects = ("block",)

    def __init__(self, size=16 << 20, serial="STICK0001", bad_sector=None):
        super().__init__()
        self.serial, self.bad_sector = serial, bad_sector
        self._file = tempfile.NamedTemporaryFile(prefix="patchbay-stick-")
        self._file.truncate(size)

    def read(self, offset, length):
        self._file.seek(offset)
        return self._file.read(length)

    def write(self, offset, data):
        """Only while it is unplugged: the kernel keeps what it has read."""
        self._file.seek(offset)
        self._file.write(data)
        self._file.flush()

    def _connect(self):
        blocks = {"driver": "file", "filename": self._file.name}
        if self.bad_sector is not None:
            blocks = {"driver": "blkdebug", "image": blocks,
                      "inject-error": [{"event": "none", "iotype": "write", "errno": 5, "sector": self.bad_sector, "once": False}]}
        self._blocks = f"{self.id}-blocks"
        self.rig.monitor.do("blockdev-add", driver="raw", file=blocks, **{"node-name": self._blocks})
        self._add("usb-storage", drive=self._blocks, serial=self.serial, removable=True)

    def _await_node(self, subsystem, since, **only):
        return super()._await_node(subsystem, since, DEVTYPE="disk")

    def _disconnect(self):
        self._remove()
        self.rig.monitor.do("blockdev-del", **{"node-name": self._blocks})

    def end(self):
        self._file.close()
