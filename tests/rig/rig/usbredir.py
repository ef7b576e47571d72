# SPDX-License-Identifier: Apache-2.0
"""USB devices that are Python objects: the device's side of usbredir, which QEMU's `usb-redir` speaks.

The protocol is that of usb-redirection-protocol in usbredir's docs: packets of type (u32), length (u32), id (u64; u32 in
the greeting), all little endian. The object is the device: it answers each transfer as it likes, or not.
"""

import contextlib
import socket
import struct
import threading

from .device import UsbDevice

HELLO, DEVICE_CONNECT, RESET, INTERFACE_INFO, ENDPOINT_INFO = 0, 1, 3, 4, 5
SET_CONFIGURATION, GET_CONFIGURATION, CONFIGURATION_STATUS = 6, 7, 8
SET_ALT_SETTING, GET_ALT_SETTING, ALT_SETTING_STATUS = 9, 10, 11
START_INTERRUPT, STOP_INTERRUPT, INTERRUPT_STATUS, CANCEL = 15, 16, 17, 21
CONTROL, BULK, INTERRUPT = 100, 101, 103
SUCCESS, CANCELLED, STALL = 0, 1, 4
# Connect tells the version, endpoint info the packet sizes, ids have 64 bits, bulk lengths 32: QEMU's xHCI insists on these.
CAPABILITIES = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6
LOW_SPEED, FULL_SPEED = 0, 1
ENDPOINT_BULK, ENDPOINT_INTERRUPT, NO_ENDPOINT = 2, 3, 255
IN = 0x80


class Interface:
    """One interface of a device: its class, what follows its descriptor, its endpoints (address, type, packet, interval)."""

    def __init__(self, usb_class, endpoints, extra=b""):
        self.usb_class = usb_class  # class, subclass, protocol
        self.endpoints = endpoints
        self.extra = extra

    def descriptor(self, number):
        text = struct.pack("<9B", 9, 4, number, 0, len(self.endpoints), *self.usb_class, 0) + self.extra
        for address, kind, packet, interval in self.endpoints:
            text += struct.pack("<4BHB", 7, 5, address, kind, packet, interval)
        return text


class EmulatedUsb(UsbDevice):
    """A USB device whose other end is this object. A subclass describes itself and answers transfers.

    fault: None; "stall": control transfers are refused; "hang": they are never answered.
    """

    speed = FULL_SPEED
    vendor = product = 0
    release = 0x0100
    usb_class = (0, 0, 0)
    strings = ()     # manufacturer, product, serial number; None where the device has none
    interfaces = ()
    packet = 8       # of endpoint 0

    def __init__(self):
        super().__init__()
        self.fault = None
        self._socket = None
        self._sending = threading.Lock()
        self._waiting = {}  # endpoint: transfers of the host that wait for data, (id, length)
        self._data = {}     # endpoint: what waits for transfers

    # --- what a subclass says -----------------------------------------------------------------------------------------

    def control(self, kind, request, value, index, length, data):
        """Answers a control transfer that is not of the standard: the bytes, b"" for a write, None refuses it."""

    def bulk_out(self, endpoint, data):
        """Takes what the host wrote."""

    def interrupt_out(self, endpoint, data):
        """Takes what the host wrote."""

    def reset(self):
        """The host resets the port, as it also does when it finds the device."""

    def bulk_in(self, endpoint, data):
        """Gives the host these bytes as it asks for them."""
        with self._sending:
            self._data.setdefault(endpoint, bytearray()).extend(data)
            self._answer_reads(endpoint)

    def interrupt_in(self, endpoint, data):
        with self._sending:
            self._send(INTERRUPT, 0, struct.pack("<BBH", endpoint, SUCCESS, len(data)) + data)

    # --- the port -----------------------------------------------------------------------------------------------------

    def _connect(self):
        self._waiting, self._data = {}, {}
        self._chardev = f"{self.id}-wire"
        connection = self.rig.connect_chardev(self._chardev)
        with self._sending:
            self._socket = connection
            self._send(HELLO, 0, b"patchbay rig".ljust(64, b"\0") + struct.pack("<I", CAPABILITIES))
        self._add("usb-redir", chardev=self._chardev)
        threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _disconnect(self):
        self._remove()  # and its character device
        self._hang_up()

    def _hang_up(self):
        with self._sending:
            connection, self._socket = self._socket, None
        if connection:
            with contextlib.suppress(OSError):  # QEMU may have hung up first
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def end(self):
        self._hang_up()

    # --- the wire -----------------------------------------------------------------------------------------------------

    def _send(self, kind, number, body):
        """With the lock held."""
        if self._socket:
            header = struct.pack("<III" if kind == HELLO else "<IIQ", kind, len(body), number)
            try:
                self._socket.sendall(header + body)
            except OSError:
                pass  # the port is gone; the reader ends

    def _serve(self, connection):
        form = "<III"  # the peer's greeting has a short id
        with connection.makefile("rb") as file, contextlib.suppress(OSError):
            while len(header := file.read(struct.calcsize(form))) == struct.calcsize(form):
                kind, length, number = struct.unpack(form, header)
                form = "<IIQ"
                self._packet(kind, number, file.read(length))
                self.rig.notify()

    def _packet(self, kind, number, body):
        with self._sending:
            if kind == HELLO:
                self._announce()
            elif kind in (SET_CONFIGURATION, GET_CONFIGURATION):
                self._send(CONFIGURATION_STATUS, number, bytes([SUCCESS, 1]))
            elif kind in (SET_ALT_SETTING, GET_ALT_SETTING):
                self._send(ALT_SETTING_STATUS, number, bytes([SUCCESS, body[0], 0]))
            elif kind in (START_INTERRUPT, STOP_INTERRUPT):
                self._send(INTERRUPT_STATUS, number, bytes([SUCCESS, body[0]]))
            elif kind == CANCEL:
                self._cancel(number)
        if kind == RESET:
            self.reset()
        elif kind == CONTROL:
            self._control(number, *struct.unpack_from("<4B3H", body), body[10:])
        elif kind == BULK:
            self._bulk(number, *struct.unpack_from("<BBHIH", body), body[10:])
        elif kind == INTERRUPT and not body[0] & IN:
            with self._sending:
                self._send(INTERRUPT, number, struct.pack("<BBH", body[0], SUCCESS, len(body) - 4))
            self.interrupt_out(body[0], body[4:])

    def _announce(self):
        def column(values):
            return bytes(values).ljust(32, b"\0")
        count = len(self.interfaces)
        classes = [column(interface.usb_class[i] for interface in self.interfaces) for i in range(3)]
        self._send(INTERFACE_INFO, 0, struct.pack("<I", count) + column(range(count)) + b"".join(classes))
        kinds, intervals, owners, packets = [NO_ENDPOINT] * 32, [0] * 32, [0] * 32, [0] * 32
        for place in (0, 16):  # endpoint 0, out and in
            kinds[place], packets[place] = 0, self.packet
        for owner, interface in enumerate(self.interfaces):
            for address, kind, packet, interval in interface.endpoints:
                place = address & 15 | (address & IN) >> 3
                kinds[place], intervals[place], owners[place], packets[place] = kind, interval, owner, packet
        self._send(ENDPOINT_INFO, 0, bytes(kinds + intervals + owners) + struct.pack("<32H", *packets))
        self._send(DEVICE_CONNECT, 0, struct.pack("<4B3H", self.speed, *self.usb_class, self.vendor, self.product, self.release))

    def _control(self, number, endpoint, request, kind, _, value, index, length, data):
        if self.fault == "hang":
            return
        answer = None
        if self.fault != "stall":
            answer = self._standard(kind, request, value)
            if answer is None:
                answer = self.control(kind, request, value, index, length, data)
        status = STALL if answer is None else SUCCESS
        answer = (answer or b"")[:length]
        done = len(answer) if kind & IN or status else length
        with self._sending:
            self._send(CONTROL, number, struct.pack("<4B3H", endpoint, request, kind, status, value, index, done) + answer)

    def _standard(self, kind, request, value):
        """The requests that every device answers; QEMU keeps SET_ADDRESS and SET_CONFIGURATION for itself."""
        if kind == 0x80 and request == 6:  # GET_DESCRIPTOR
            return {1: self._device_descriptor, 2: self._configuration_descriptor,
                    3: lambda: self._string_descriptor(value & 255)}.get(value >> 8, lambda: None)()
        if not kind & 0x60:
            return {0: b"\0\0", 1: b"", 3: b""}.get(request)  # GET_STATUS, CLEAR_FEATURE, SET_FEATURE
        return None

    def _device_descriptor(self):
        present = [number if text else 0 for number, text in enumerate(self.strings, 1)] + [0] * (3 - len(self.strings))
        return struct.pack("<BBH4B3H4B", 18, 1, 0x0110, *self.usb_class, self.packet, self.vendor, self.product, self.release,
                           *present, 1)

    def _configuration_descriptor(self):
        body = b"".join(interface.descriptor(number) for number, interface in enumerate(self.interfaces))
        return struct.pack("<BBH5B", 9, 2, 9 + len(body), len(self.interfaces), 1, 0, 0x80, 50) + body

    def _string_descriptor(self, number):
        if number == 0:
            return b"\x04\x03\x09\x04"
        if number > len(self.strings) or not self.strings[number - 1]:
            return None
        text = self.strings[number - 1].encode("utf-16-le")
        return bytes([len(text) + 2, 3]) + text

    def _bulk(self, number, endpoint, _, length, stream, length_high, data):
        if endpoint & IN:
            with self._sending:
                self._waiting.setdefault(endpoint, []).append((number, length | length_high << 16))
                self._answer_reads(endpoint)
            return
        with self._sending:
            self._send(BULK, number, struct.pack("<BBHIH", endpoint, SUCCESS, length, stream, length_high))
        self.bulk_out(endpoint, data)

    def _answer_reads(self, endpoint):
        data, waiting = self._data.setdefault(endpoint, bytearray()), self._waiting.setdefault(endpoint, [])
        while data and waiting:
            number, length = waiting.pop(0)
            self._answer(endpoint, number, bytes(data[:length]))
            del data[:length]

    def _answer(self, endpoint, number, data):
        self._send(BULK, number, struct.pack("<BBHIH", endpoint, SUCCESS, len(data) & 0xffff, 0, len(data) >> 16) + data)

    def _cancel(self, number):
        for endpoint, waiting in self._waiting.items():
            if any(one[0] == number for one in waiting):
                waiting[:] = [one for one in waiting if one[0] != number]
                self._send(BULK, number, struct.pack("<BBHIH", endpoint, CANCELLED, 0, 0, 0))
