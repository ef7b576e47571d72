# SPDX-License-Identifier: Apache-2.0
"""SD multiplexers: a card that is the host's, the board's, or nobody's. `position` is the truth."""

import struct

from .usbredir import ENDPOINT_BULK, EmulatedUsb, Interface

SECTOR = 512
NO_MEDIUM, MEDIUM_CHANGED, NOT_UNDERSTOOD = (2, 0x3a), (6, 0x28), (5, 0x20)  # sense key, additional code


class CheckCondition(Exception):
    """A SCSI command fails with this sense."""


class UsbSdMux(EmulatedUsb):
    """The USB-SD-Mux: 0424:4041, a card reader (/dev/sdX, /dev/sgN) whose bridge passes I2C on to a PCA9536 that switches.

    position: "host", "board" or "off". stuck: it stays where it is, though the chip acknowledges. card: what is on the card.
    Protocol: its program usbsdmux; the chip's registers are 0 input, 1 output, 2 polarity, 3 direction (0 is output)."""

    expects = ("scsi_generic", "block")
    vendor, product = 0x0424, 0x4041
    packet = 64
    interfaces = (Interface((8, 6, 0x50), [(0x81, ENDPOINT_BULK, 64, 0), (0x01, ENDPOINT_BULK, 64, 0)]),)
    EXPANDER = 0x41
    DATA_OFF, POWER_OFF, TO_BOARD = 1, 2, 4

    def __init__(self, serial="00012", size=8 << 20):
        super().__init__()
        self.strings = ("Linux Automation GmbH", "usb-sd-mux", serial)
        self.card = bytearray(size)
        self.position, self.stuck, self.on_switch = "off", False, None
        self._registers = [0xff, 0xff, 0, 0xff]
        self._sense = (0, 0)
        self._changed = False
        self._command = None  # the command whose data are still coming: (tag, length, CDB)
        self._written = bytearray()

    def _await_node(self, subsystem, since, **only):
        return super()._await_node(subsystem, since, **({"DEVTYPE": "disk"} if subsystem == "block" else {}))

    def control(self, kind, request, value, index, length, data):
        return {(0xa1, 0xfe): b"\0", (0x21, 0xff): b""}.get((kind, request))  # the last LUN, reset

    # --- mass storage, bulk only --------------------------------------------------------------------------------------

    def bulk_out(self, endpoint, data):
        if self._command is None:
            _, tag, length, to_host, _, _ = struct.unpack_from("<4sIIBBB", data)
            self._command, self._written = (tag, length, bytes(data[15:31])), bytearray()
            if length and not to_host:
                return
        else:
            self._written += data
            if len(self._written) < self._command[1]:
                return
        (tag, length, command), self._command = self._command, None
        answer, failed = b"", False
        try:
            answer = self._scsi(command)
        except CheckCondition as problem:
            self._sense, failed = problem.args[0], True
        rest = 0 if self._written else length - min(length, len(answer))
        if not self._written and length:
            self.bulk_in(0x81, answer[:length].ljust(length, b"\0"))
        self.bulk_in(0x81, struct.pack("<4sIIB", b"USBS", tag, rest, failed))

    def _scsi(self, command):
        code = command[0]
        if code == 0x12 and not command[1] & 1:  # INQUIRY
            return bytes([0, 0x80, 2, 2, 31, 0, 0, 0]) + b"LinuxAut" + b"sdmux HS-SD/MMC ".ljust(16) + b"1.00"
        if code == 0x03:  # REQUEST SENSE
            (key, more), self._sense = self._sense, (0, 0)
            return bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, more, 0, 0, 0, 0, 0])
        if code == 0xcf:
            return self._i2c(command)
        if code in (0x1b, 0x1e, 0x35):  # START STOP UNIT, PREVENT REMOVAL, SYNCHRONIZE CACHE
            return b""
        if code == 0x1a:  # MODE SENSE: no pages
            return b"\3\0\0\0"
        if code not in (0x00, 0x25, 0x28, 0x2a):
            raise CheckCondition(NOT_UNDERSTOOD)
        if self.position != "host":
            raise CheckCondition(NO_MEDIUM)
        if self._changed:
            self._changed = False
            raise CheckCondition(MEDIUM_CHANGED)
        start, count = struct.unpack_from(">I", command, 2)[0] * SECTOR, struct.unpack_from(">H", command, 7)[0] * SECTOR
        if code == 0x25:  # READ CAPACITY
            return struct.pack(">II", len(self.card) // SECTOR - 1, SECTOR)
        if code == 0x28:  # READ
            return bytes(self.card[start:start + count])
        if code == 0x2a:  # WRITE
            self.card[start:start + count] = self._written[:count]
        return b""  # TEST UNIT READY

    # --- the switch ---------------------------------------------------------------------------------------------------

    def _i2c(self, command):
        """The bridge's own command: 23 writes to a chip, 22 writes and then reads."""
        if command[2] >> 1 != self.EXPANDER:
            raise CheckCondition(NOT_UNDERSTOOD)
        if command[1] == 0x22:
            return bytes([self._registers[command[7] & 3]])
        self._registers[self._written[0] & 3] = self._written[1]
        outputs, inputs = self._registers[1], self._registers[3]
        self._registers[0] = outputs & ~inputs & 0xff | inputs  # what the pins have: an input is pulled up
        if inputs & (self.DATA_OFF | self.POWER_OFF | self.TO_BOARD) or outputs & (self.DATA_OFF | self.POWER_OFF):
            self._move("off")
        else:
            self._move("board" if outputs & self.TO_BOARD else "host")
        return b""

    def _move(self, position):
        if self.stuck or position == self.position:
            return
        self.position = position
        self._changed = position == "host"
        if self.on_switch:
            self.on_switch(position)


class SdWire(EmulatedUsb):
    """The switch of an SDWire: 04e8:6001, an FTDI chip whose pin CBUS0 is the position; the reader beside it is not part of it."""

    vendor, product, release = 0x04e8, 0x6001, 0x1000
    interfaces = (Interface((0xff, 0xff, 0xff), [(0x81, ENDPOINT_BULK, 64, 0), (0x02, ENDPOINT_BULK, 64, 0)]),)
    SET_BITMODE, READ_PINS, CBUS = 0x0b, 0x0c, 0x20

    def __init__(self, serial="sdw-1"):
        super().__init__()
        self.strings = ("SRPOL", "sd-wire", serial)
        self.position, self.stuck, self.on_switch = "board", False, None
        self._pins = 0xf0

    def control(self, kind, request, value, index, length, data):
        if (kind, request) == (0xc0, self.READ_PINS):
            return bytes([self._pins])
        if (kind, request) == (0x40, self.SET_BITMODE) and value >> 8 == self.CBUS:
            self._pins = value & 255
            position = "host" if self._pins & 1 else "board"
            if position != self.position and not self.stuck:
                self.position = position
                if self.on_switch:
                    self.on_switch(position)
        return b"" if kind == 0x40 else None


class SdWire3(UsbSdMux):
    """An SDWire3: 0bda:0316, a card reader that a reset switches. Its serial number is that of all Realtek readers.

    What its firmware goes by is not known. This one gives the card to the board at a reset, and takes it when it is used as a reader,
    so that it ends where the programs for it say: with the host when a driver has it after the reset."""

    expects = ("block",)
    vendor, product = 0x0bda, 0x0316
    resets = 0

    def __init__(self, size=8 << 20):
        super().__init__(size=size)
        self.strings = ("Generic", "USB3.0-CRW", "20120501030900000")

    def reset(self):
        self.resets += 1
        self._command = None
        self._move("board")

    def bulk_out(self, endpoint, data):
        self._move("host")
        super().bulk_out(endpoint, data)
