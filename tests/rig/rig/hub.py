# SPDX-License-Identifier: Apache-2.0
"""A USB hub that switches the power of each port."""

import re

from .device import UsbDevice

TRACE = re.compile(r"usb_hub_(set|clear)_port_feature dev (\d+), port (\d+), feature power\b")


class HubPort:
    """A port of a hub: `rig.plug(device, port=hub.ports[1])`.

    powered: whether there really is current. told: whether the hub was told to give it, which is what it reports."""

    def __init__(self, hub, number):
        self.hub, self.number = hub, number
        self.powered = self.told = False
        self.stuck = False     # stays as it is, though the hub acknowledges and reports otherwise
        self.on_switch = None  # called with `powered` after each change, in a thread of the rig
        self.device = None

    @property
    def path(self):
        return f"{self.hub.port}.{self.number}"

    def switch(self, on):
        """The hub was told so. Without current the device is no more on the bus, with it it comes as if it was plugged."""
        self.told = on
        if self.stuck or self.powered == on:
            return
        self.powered = on
        if self.device and self.device.plugged:
            self.device.power(on)
        if self.on_switch:
            self.on_switch(on)


class Hub(UsbDevice):
    """QEMU's usb-hub, 0409:55aa, full speed, one switch a port; `ports` counts from 1.

    switches=False: a hub as most are: its ports always have current, and it says that it cannot switch.
    disable_files=False: as under a kernel before 6.0, whose ports have no file `disable` in /sys; only requests to the hub remain.
    """

    def __init__(self, ports=4, serial="HUB1", switches=True, disable_files=True):
        super().__init__()
        self.serial = serial
        self.switches = switches
        self.disable_files = disable_files
        self.ports = {number: HubPort(self, number) for number in range(1, ports + 1)}

    def attach(self, rig, port):
        super().attach(rig, port)
        rig.machine.on_trace(self._on_trace)

    def disable_file(self, number):
        """The kernel's own switch of a port: 1 is off."""
        return f"{self.usb_sys_path}/{self.usb_path}:1.0/{self.usb_path}-port{number}/disable"

    def _connect(self):
        self._add("usb-hub", ports=len(self.ports), serial=self.serial, **{"port-power": self.switches})
        for port in self.ports.values():
            port.powered = port.told = not self.switches

    def wait_until_there(self):
        super().wait_until_there()
        self.rig.wait_for(lambda: all(port.told for port in self.ports.values()), f"the kernel did not power the ports of {self.id}")
        if not self.disable_files:
            for number in self.ports:
                self.rig.shell(f"mount -t tmpfs none {self.disable_file(number).rpartition('/')[0]}")

    def _disconnect(self):
        for port in self.ports.values():
            if port.device and port.device.plugged:
                port.device.unplug()
        self._remove()
        for port in self.ports.values():
            port.powered = port.told = False

    def _on_trace(self, line):
        if not (match := TRACE.search(line)):
            return
        action, address, number = match[1], match[2], int(match[3])
        if not self.switches:
            return
        # The trace names the hub by its address on the bus, which QEMU lists beside its name.
        listed = self.rig.monitor.do("human-monitor-command", **{"command-line": "info usb"})
        if re.search(rf"Device \d+\.{address}, .*ID: {self.id}\s*$", listed, re.MULTILINE):
            self.ports[number].switch(action == "set")
            self.rig.notify()
