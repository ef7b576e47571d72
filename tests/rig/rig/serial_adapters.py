# SPDX-License-Identifier: Apache-2.0
"""Serial adapters. The far end of each is `line`; `settings` is what the host asked for."""

import struct
import threading

from .device import UsbDevice
from .serial_line import SerialLine
from .usbredir import ENDPOINT_BULK, ENDPOINT_INTERRUPT, EmulatedUsb, Interface


class Ftdi(UsbDevice):
    """QEMU's usb-serial, an FT232B: 0403:6001, with a serial number; /dev/ttyUSBn, driver ftdi_sio."""

    expects = ("tty",)

    def __init__(self, serial="FTDI0001"):
        super().__init__()
        self.serial = serial
        self.line = SerialLine()
        self._socket = None

    def _connect(self):
        self._chardev = f"{self.id}-wire"
        self._socket = self.rig.connect_chardev(self._chardev)
        self._add("usb-serial", chardev=self._chardev, serial=self.serial, **{"always-plugged": True})
        self.line.connect(self._socket.sendall)
        threading.Thread(target=self._serve, args=(self._socket,), daemon=True).start()

    def _serve(self, connection):
        try:
            while data := connection.recv(65536):
                self.line.from_adapter(data)
        except OSError:
            pass  # unplugged

    def _disconnect(self):
        self._remove()
        self.line.connect(lambda data: None)
        self._socket.close()
        self.rig.monitor.do("chardev-remove", id=self._chardev)

    def end(self):
        self.line.end()
        if self._socket:
            self._socket.close()


class EmulatedAdapter(EmulatedUsb):
    """An adapter that is an object here. `breaks` counts the breaks that the host began."""

    expects = ("tty",)
    bulk_in_endpoint = 0x82
    packet = 8

    def __init__(self):
        super().__init__()
        self.line = SerialLine()
        self.baud = None
        self.breaks = 0
        self.dtr = self.rts = False

    def _connect(self):
        super()._connect()
        self.line.connect(lambda data: self.bulk_in(self.bulk_in_endpoint, data))

    def _disconnect(self):
        self.line.connect(lambda data: None)
        super()._disconnect()

    def bulk_out(self, endpoint, data):
        self.line.from_adapter(data)

    def end(self):
        self.line.end()
        super().end()


class CdcAcm(EmulatedAdapter):
    """A microcontroller's USB console (CDC-ACM): 1209:0001, with a serial number; /dev/ttyACMn, driver cdc_acm."""

    vendor, product = 0x1209, 0x0001
    usb_class = (2, 0, 0)
    packet = 64

    def __init__(self, serial="ACM0001", product="console"):
        super().__init__()
        self.strings = ("patchbay", product, serial)
        header, call, line, union = b"\5\x24\0\x10\1", b"\5\x24\1\0\1", b"\4\x24\2\6", b"\5\x24\6\0\1"
        self.interfaces = (Interface((2, 2, 1), [(0x83, ENDPOINT_INTERRUPT, 16, 10)], header + call + line + union),
                           Interface((10, 0, 0), [(0x02, ENDPOINT_BULK, 64, 0), (0x82, ENDPOINT_BULK, 64, 0)]))
        self._coding = struct.pack("<I3B", 9600, 0, 0, 8)

    def control(self, kind, request, value, index, length, data):
        if (kind, request) == (0x21, 0x20):  # SET_LINE_CODING
            self._coding, self.baud = data, struct.unpack_from("<I", data)[0]
            return b""
        if (kind, request) == (0xa1, 0x21):  # GET_LINE_CODING
            return self._coding
        if (kind, request) == (0x21, 0x22):  # SET_CONTROL_LINE_STATE
            self.dtr, self.rts = bool(value & 1), bool(value & 2)
            return b""
        if (kind, request) == (0x21, 0x23):  # SEND_BREAK: how long in ms, FFFF until told, 0 ends it
            self.breaks += value != 0
            return b""
        return None


class Ch340(EmulatedAdapter):
    """A CH340: 1a86:7523, no serial number; /dev/ttyUSBn, driver ch341."""

    vendor, product, release = 0x1a86, 0x7523, 0x0264
    usb_class = (0xff, 0, 0)
    strings = (None, "USB Serial", None)
    interfaces = (Interface((0xff, 1, 2), [(0x82, ENDPOINT_BULK, 32, 0), (0x02, ENDPOINT_BULK, 32, 0),
                                           (0x81, ENDPOINT_INTERRUPT, 8, 1)]),)

    BREAK = 0x05  # the register; its bit 0 is clear while a break lasts

    def __init__(self):
        super().__init__()
        self._registers = {}

    def control(self, kind, request, value, index, length, data):
        if (kind, request) == (0xc0, 0x5f):  # version
            return b"\x31\0"
        if (kind, request) == (0xc0, 0x95):  # read two registers
            if value == 0x0706:
                return b"\xff\xee"  # modem lines, active low: none is set
            return bytes([self._registers.get(value & 255, 0), self._registers.get(value >> 8, 0)])
        if (kind, request) == (0x40, 0x9a):  # write two registers
            if value & 255 == self.BREAK and self._registers.get(self.BREAK, 1) & 1 and not index & 1:
                self.breaks += 1
            self._registers[value & 255], self._registers[value >> 8] = index & 255, index >> 8
            return b""
        if (kind, request) == (0x40, 0xa4):  # modem control, active low
            self.dtr, self.rts = not value & 0x20, not value & 0x40
            return b""
        return b"" if (kind, request) == (0x40, 0xa1) else None


class Cp2104(EmulatedAdapter):
    """A CP2104: 10c4:ea60, with a serial number; /dev/ttyUSBn and a gpiochip "cp210x" of four lines, driver cp210x.

    latch: the levels of the four lines as bits. The kernel can drive them, and cannot read them as inputs (push-pull).
    stuck: bits of lines that stay as they are whatever is written. on_level: called with the latch when it changes.
    """

    expects = ("tty", "gpio")
    vendor, product = 0x10c4, 0xea60
    packet = 64
    bulk_in_endpoint = 0x81
    interfaces = (Interface((0xff, 0, 0), [(0x81, ENDPOINT_BULK, 64, 0), (0x01, ENDPOINT_BULK, 64, 0)]),)

    def __init__(self, serial="CP2104-1", latch=0b1111):
        super().__init__()
        self.strings = ("Silicon Labs", "CP2104 USB to UART Bridge Controller", serial)
        self.latch, self.stuck, self.on_level = latch, 0, None
        self._start = latch
        self._line_control = 0x0800

    def level(self, line):
        """What a line's pin really has."""
        return self.latch >> line & 1

    def control(self, kind, request, value, index, length, data):
        if request == 0xff:  # the vendor's own: part number, configuration, latch
            return self._read_vendor(value) if kind & 0x80 else self._write_vendor(value, index)
        if kind & 0x80:
            return {0x04: struct.pack("<H", self._line_control), 0x08: bytes([0xf0 | self.rts << 1 | self.dtr]), 0x0e: bytes(6), 0x0f: bytes(64), 0x10: bytes(19),
                    0x14: bytes(16), 0x1d: struct.pack("<I", self.baud or 9600)}.get(request)
        if request == 0x03:
            self._line_control = value
        elif request == 0x05:
            self.breaks += value
        elif request == 0x07:  # the upper byte says which of the two lines are meant
            self.dtr = bool(value & 1) if value & 0x100 else self.dtr
            self.rts = bool(value & 2) if value & 0x200 else self.rts
        elif request == 0x1e:
            self.baud = struct.unpack("<I", data)[0]
        return b""

    def _read_vendor(self, value):
        push_pull = 0b1111 << 8
        configuration = struct.pack("<HHHIHB", push_pull, 0, self._start << 8, 0, self._start << 8, 0)
        return {0x370b: b"\4", 0x370c: configuration, 0x00c2: bytes([self.latch])}.get(value)

    def _write_vendor(self, value, index):
        if value == 0x37e1:  # WRITE_LATCH: levels << 8 | which
            which = index & 255 & ~self.stuck
            latch = self.latch & ~which | index >> 8 & which
            if latch != self.latch:
                self.latch = latch
                if self.on_level:
                    self.on_level(latch)
        return b""
