# SPDX-License-Identifier: Apache-2.0
"""FTDI chips that tell what the host asked for, of one, two or four ports. `Ftdi` is QEMU's own: faster, and silent."""

from .serial_line import SerialLine
from .usbredir import ENDPOINT_BULK, IN, EmulatedUsb, Interface

# Of the vendor, to the device; the kernel's drivers/usb/serial/ftdi_sio.h has them with their values.
RESET, MODEM_CONTROL, FLOW_CONTROL, BAUD_RATE, DATA, MODEM_STATUS, SET_LATENCY, GET_LATENCY = 0, 1, 2, 3, 4, 5, 9, 10
READ_EEPROM = 0x90
BREAK = 1 << 14  # of DATA
PACKET, STATUS = 64, 2  # each packet to the host begins with the status of modem and line
# A divisor's eighths are coded in three bits, in an order that older chips left behind.
EIGHTHS = (0, 4, 2, 1, 3, 5, 6, 7)
CTS, DSR, RI, DCD = 0x10, 0x20, 0x40, 0x80


def baud_rate(divisor, high_speed):
    """The rate that a coded divisor means: 24 MHz, or 96 MHz of the high-speed chips, through eighths."""
    if not high_speed and divisor in (0, 1):
        return (3000000, 2000000)[divisor]
    eighths = (divisor & 0x3fff) << 3 | EIGHTHS[divisor >> 14 & 7]
    return round((96000000 if high_speed else 24000000) / eighths) if eighths else 12000000


class FtdiPort:
    """One port of a chip: `line` is its far end."""

    def __init__(self, chip, number):
        self.line = SerialLine()
        self.baud = None
        self.breaks = 0
        self.dtr = self.rts = False
        self.status = CTS | DSR | DCD
        self.bulk_in = IN | number * 2 + 1
        self._chip, self._broken = chip, False

    def set_modem(self, status):
        """What the board does to the modem lines: CTS, DSR, RI, DCD as bits."""
        self.status = status
        self._chip.tell_status(self)

    def control(self, request, value, divisor):
        if request == MODEM_CONTROL:  # the upper byte says which of the two lines are meant
            self.dtr = bool(value & 1) if value & 0x100 else self.dtr
            self.rts = bool(value & 2) if value & 0x200 else self.rts
        elif request == BAUD_RATE:
            self.baud = baud_rate(divisor & 0x1ffff, bool(divisor & 0x20000) or self._chip.high_speed)
        elif request == DATA:
            self.breaks += bool(value & BREAK) and not self._broken
            self._broken = bool(value & BREAK)


class FtdiChip(EmulatedUsb):
    """An FT232R, FT2232H or FT4232H: 0403:6001, 6010, 6011, one serial number; a ttyUSB for each of `ports`, driver ftdi_sio.

    ports[0].line, .baud, .breaks, .dtr, .rts, .set_modem(CTS | DCD); node of a port: nodes("tty")[number]."""

    MODELS = {1: ("FT232R USB UART", 0x6001, 0x0600), 2: ("Dual RS232-HS", 0x6010, 0x0700), 4: ("Quad RS232-HS", 0x6011, 0x0800)}
    expects = ("tty",)
    vendor = 0x0403

    def __init__(self, serial="FTCHIP01", ports=1):
        super().__init__()
        name, self.product, self.release = self.MODELS[ports]
        self.high_speed = ports > 1
        self.strings = ("FTDI", name, serial)
        self.ports = [FtdiPort(self, number) for number in range(ports)]
        self.interfaces = tuple(Interface((0xff, 0xff, 0xff), [(port.bulk_in, ENDPOINT_BULK, PACKET, 0),
                                                               (port.bulk_in + 1 & ~IN, ENDPOINT_BULK, PACKET, 0)])
                                for port in self.ports)

    def wait_until_there(self):
        super().wait_until_there()
        found = self._events[0]
        below = [f"{found['DEVPATH']}/{self.usb_path}:1.{number}/" for number in range(len(self.ports))]
        self._events = [found] + [self.rig.wait_for_event("add", self._seen, f"{self.id} got no tty for {path}", SUBSYSTEM="tty",
                                                          DEVPATH=path, DEVNAME="/dev/") for path in below]

    def _connect(self):
        super()._connect()
        for port in self.ports:
            port.line.connect(lambda data, port=port: self.bulk_in(port.bulk_in, data))

    def _disconnect(self):
        for port in self.ports:
            port.line.connect(lambda data: None)
        super()._disconnect()

    def end(self):
        for port in self.ports:
            port.line.end()
        super().end()

    def control(self, kind, request, value, index, length, data):
        # Chips with several ports count them from 1 in the lower byte; the divisor's upper bits then move up.
        port = self.ports[max(1, index & 255) - 1] if self.high_speed else self.ports[0]
        if kind == 0xc0:
            return {MODEM_STATUS: bytes([port.status | 1, 0x60]), GET_LATENCY: b"\x10", READ_EEPROM: b"\xff\xff"}.get(request)
        if kind == 0x40:
            port.control(request, value, value | (index >> 8 if self.high_speed else index) << 16)
            return b""
        return None

    def bulk_out(self, endpoint, data):
        next(port for port in self.ports if port.bulk_in + 1 & ~IN == endpoint).line.from_adapter(data)

    def tell_status(self, port):
        with self._sending:
            if self._waiting.get(port.bulk_in):
                self._answer(port.bulk_in, self._waiting[port.bulk_in].pop(0)[0], bytes([port.status | 1, 0x60]))

    def _answer_reads(self, endpoint):
        port = next(port for port in self.ports if port.bulk_in == endpoint)
        data, waiting = self._data.setdefault(endpoint, bytearray()), self._waiting.setdefault(endpoint, [])
        while data and waiting:
            number, length = waiting.pop(0)
            count = max(1, length // PACKET) * (PACKET - STATUS)
            part = bytes(data[:count])
            del data[:count]
            packets = (part[start:start + PACKET - STATUS] for start in range(0, len(part), PACKET - STATUS))
            self._answer(endpoint, number, b"".join(bytes([port.status | 1, 0x60]) + packet for packet in packets))
