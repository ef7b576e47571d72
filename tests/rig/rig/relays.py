# SPDX-License-Identifier: Apache-2.0
"""USB relays. `on` is the truth: the channels that really are closed, whatever the board says."""

import struct

from .serial_adapters import CdcAcm, Ch340
from .usbredir import ENDPOINT_INTERRUPT, LOW_SPEED, EmulatedUsb, Interface


class Contacts:
    """The contacts of a relay board: numbered from 1, all open at first, as after power on."""

    def __init__(self, channels):
        self.channels = channels
        self.on = set()
        self.stuck = set()     # channels that stay as they are, though the board acknowledges
        self.on_switch = None  # called with (channel, is on) after each change, in a thread of the rig

    def switch(self, channel, on):
        """True when the contact is now where the command wanted it."""
        if channel in range(1, self.channels + 1) and channel not in self.stuck and (channel in self.on) != on:
            (self.on.add if on else self.on.discard)(channel)
            if self.on_switch:
                self.on_switch(channel, on)
        return (channel in self.on) == on


class HidRelay(EmulatedUsb):
    """The common HID relay board: 16c0:05df, low speed, no serial number; /dev/hidrawN, driver usbhid.

    Its five letters of identity and the states are in the feature report. Programs send it as an output or a feature report,
    of 2 to 9 bytes, to the interface or the device; all of that works, as on the real one.
    fault: see EmulatedUsb. lies: the report tells what was last commanded, not what is.
    """

    expects = ("hidraw",)
    speed = LOW_SPEED
    vendor, product = 0x16c0, 0x05df
    REPORT = bytes.fromhex("0600ff0901a101150026ff00750895080900b20201c0")  # one feature report of eight bytes
    COMMANDS = {0xff: True, 0xfd: False}
    ALL = {0xfe: True, 0xfc: False}
    SET_IDENTITY = 0xfa

    def __init__(self, channels=2, identity="RIG01"):
        super().__init__()
        self.contacts = Contacts(channels)
        self.identity = identity
        self.lies = False
        self._commanded = set()
        self.strings = ("www.dcttech.com", f"USBRelay{channels}", None)
        self._hid = struct.pack("<BBHBBBH", 9, 0x21, 0x0101, 0, 1, 0x22, len(self.REPORT))
        self.interfaces = (Interface((3, 0, 0), [(0x81, ENDPOINT_INTERRUPT, 8, 20)], self._hid),)

    @property
    def on(self):
        return set(self.contacts.on)

    def control(self, kind, request, value, index, length, data):
        if (kind, request) == (0x81, 6):  # GET_DESCRIPTOR of the interface
            return {0x22: self.REPORT, 0x21: self._hid}.get(value >> 8)
        if kind == 0x21 and request in (0x0a, 0x0b):  # SET_IDLE, SET_PROTOCOL
            return b""
        if kind in (0xa0, 0xa1) and request == 1:  # GET_REPORT
            told = self._commanded if self.lies else self.contacts.on
            bits = sum(1 << channel - 1 for channel in told)
            return self.identity.encode("ascii")[:5].ljust(5, b"\0") + bytes([0, 0, bits])
        if kind in (0x20, 0x21) and request == 9:  # SET_REPORT
            self._command(data[1:] if len(data) == 9 and data[0] == 0 else data)
            return b""
        return None

    def _command(self, report):
        code, channel = report[0], report[1] if len(report) > 1 else 0
        if code == self.SET_IDENTITY:
            self.identity = report[1:6].decode("ascii", "replace").rstrip("\0")
        elif code in self.COMMANDS:
            self._switch(channel, self.COMMANDS[code])
        elif code in self.ALL:
            for each in range(1, self.contacts.channels + 1):
                self._switch(each, self.ALL[code])

    def _switch(self, channel, on):
        (self._commanded.add if on else self._commanded.discard)(channel)
        self.contacts.switch(channel, on)


class LcusBoard:
    """What is behind a serial chip on LCUS boards: frames of four bytes, no answer, and no way to ask.

    Frame: A0, channel, 1 or 0, and the sum of these. `bad_bytes` counts what belonged to no frame."""

    def __init__(self, channels):
        self.contacts = Contacts(channels)
        self.bad_bytes = 0
        self._frame = bytearray()

    def take(self, data):
        self._frame += data
        while len(self._frame) >= 4:
            start, channel, state, total = self._frame[:4]
            if start != 0xa0 or total != (start + channel + state) & 255 or state > 1:
                self.bad_bytes += 1
                del self._frame[0]
                continue
            del self._frame[:4]
            self.contacts.switch(channel, state == 1)


class SerialRelay(Ch340):
    """An LCUS board with a CH340: /dev/ttyUSBn, 9600 8N1, no serial number."""

    def __init__(self, channels=1):
        super().__init__()
        self.board = LcusBoard(channels)
        self.contacts = self.board.contacts
        self.line.on_receive = self.board.take

    @property
    def on(self):
        return set(self.contacts.on)


class AcmRelay(CdcAcm):
    """The same board with a CDC-ACM chip: /dev/ttyACMn, with a serial number."""

    def __init__(self, channels=1, serial="RELAY0001"):
        super().__init__(serial, "relay")
        self.board = LcusBoard(channels)
        self.contacts = self.board.contacts
        self.line.on_receive = self.board.take

    @property
    def on(self):
        return set(self.contacts.on)


class LcusHidRelay(EmulatedUsb):
    """The LC-US8: 5131:2007, /dev/hidrawN. The same frames in interrupt transfers, each sent back; no way to ask."""

    expects = ("hidraw",)
    vendor, product = 0x5131, 0x2007
    strings = (None, "LC-US8", None)
    REPORT = bytes.fromhex("0600ff0901a101150026ff0075089540090181029540090191 02c0")  # 64 bytes in, 64 bytes out

    def __init__(self, channels=8):
        super().__init__()
        self.board = LcusBoard(channels)
        self.contacts = self.board.contacts
        self._hid = struct.pack("<BBHBBBH", 9, 0x21, 0x0111, 0, 1, 0x22, len(self.REPORT))
        self.interfaces = (Interface((3, 0, 0), [(0x81, ENDPOINT_INTERRUPT, 64, 10), (0x01, ENDPOINT_INTERRUPT, 64, 10)], self._hid),)

    @property
    def on(self):
        return set(self.contacts.on)

    def control(self, kind, request, value, index, length, data):
        if (kind, request) == (0x81, 6):  # GET_DESCRIPTOR of the interface
            return {0x22: self.REPORT, 0x21: self._hid}.get(value >> 8)
        if kind == 0x21 and request == 9:  # SET_REPORT
            self.interrupt_out(0x01, data)
            return b""
        return b"" if kind == 0x21 and request in (0x0a, 0x0b) else None  # SET_IDLE, SET_PROTOCOL

    def interrupt_out(self, endpoint, data):
        self.board.take(data[:4])
        self.interrupt_in(0x81, bytes(data[:4]).ljust(64, b"\0"))
