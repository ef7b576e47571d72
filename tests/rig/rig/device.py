# SPDX-License-Identifier: Apache-2.0
"""What every device of the rig has: it is plugged, found in /sys and /dev, unplugged, and plugged again."""

import itertools

from .channel import RigError

numbers = itertools.count(1)


class Device:
    """Something that a test plugs into a rig.

    nodes of the kernel are waited for by subsystem: `expects` names those that must be there before plug() returns.
    """

    expects = ()

    def __init__(self):
        self.rig = None
        self.plugged = False
        self.id = f"{type(self).__name__.lower()}{next(numbers)}"
        self._events = []

    def attach(self, rig, port):
        """Called once, before the first plug()."""
        self.rig = rig

    def node(self, subsystem=None):
        """The device's node, such as /dev/ttyUSB0; of the first expected subsystem, or of this one."""
        return self.nodes(subsystem or self.expects[0])[0]

    def nodes(self, subsystem):
        found = [event["DEVNAME"] for event in self._events if event["SUBSYSTEM"] == subsystem and "DEVNAME" in event]
        if not found:
            raise RigError(f"{self.id} has no node of {subsystem}")
        return found

    def links(self, subsystem=None):
        """The links in /dev that udev made to the node."""
        return sorted(link for event in self._events if event["SUBSYSTEM"] == (subsystem or self.expects[0])
                      for link in event.get("DEVLINKS", "").split())

    def sys_path(self, subsystem=None):
        """Where the node's device is in /sys."""
        return next("/sys" + event["DEVPATH"] for event in self._events if event["SUBSYSTEM"] == (subsystem or self.expects[0]))

    def plug(self):
        raise NotImplementedError

    def unplug(self):
        raise NotImplementedError

    def end(self):
        """Gives back what the device has on the host; the machine is about to end."""


class UsbDevice(Device):
    """A device on a port of the rig's controller or of a hub."""

    def attach(self, rig, port):
        super().attach(rig, port)
        self.hub_port = port
        if port:
            port.device = self
        self._seen = rig.events_so_far()
        self.port = port.path if port else rig.take_usb_port()

    @property
    def usb_path(self):
        """Its name in /sys/bus/usb/devices, such as 1-2.1."""
        return f"1-{self.port}"

    @property
    def usb_sys_path(self):
        return self.rig.channel.do("real_path", path=f"/sys/bus/usb/devices/{self.usb_path}")

    @property
    def usb_node(self):
        """Its node for libusb, below /dev/bus/usb."""
        return self._events[0]["DEVNAME"]

    def plug(self):
        """Plugs the device and waits for its nodes; behind a hub's port without current it only waits there."""
        self.plugged = True
        if not self.hub_port or self.hub_port.powered:
            self.power(True)
            self.wait_until_there()

    def power(self, on):
        """What is plugged gets current, or loses it."""
        self._connect() if on else self._disconnect()

    def wait_until_there(self):
        """Waits until the kernel and udev have the device, after it was plugged or got current again."""
        since = self._seen
        self._events = [self.rig.wait_for_event("add", since, f"{self.id} did not appear as {self.usb_path}",
                                                SUBSYSTEM="usb", DEVTYPE="usb_device", DEVPATH=self._expected_path())]
        for subsystem in self.expects:
            self._events.append(self._await_node(subsystem, since))
        self._seen = self.rig.place_of(self._events[0])

    def _await_node(self, subsystem, since, **only):
        below = self._events[0]["DEVPATH"] + "/"
        return self.rig.wait_for_event("add", since, f"{self.id} got no node of {subsystem}", SUBSYSTEM=subsystem, DEVPATH=below,
                                       DEVNAME="/dev/", **only)

    def _expected_path(self):
        if self.hub_port:
            parent = self.hub_port.hub.usb_sys_path
        else:
            parent = self.rig.channel.do("real_path", path="/sys/bus/usb/devices/usb1")
        return f"{parent.removeprefix('/sys')}/{self.usb_path}"

    def pull(self):
        """Unplugs the device and waits for nothing: it is on a hub that is unplugged as well."""
        self.plugged = False
        if not self.hub_port or self.hub_port.powered:
            self.power(False)

    def unplug(self):
        """Pulls the device and waits until the kernel and udev have noticed."""
        self.pull()
        self.wait_until_gone()

    def wait_until_gone(self):
        """Waits until the kernel and udev have no such device more, after it was unplugged or lost its current."""
        if self._events:
            gone = self.rig.wait_for_event("remove", self._seen, f"{self.id} is still there after it was unplugged", SUBSYSTEM="usb",
                                           DEVTYPE="usb_device", DEVPATH=self._events[0]["DEVPATH"])
            self._events, self._seen = [], self.rig.place_of(gone)

    def replug(self, hold=None):
        """Unplugs and plugs. hold: a node that is kept open meanwhile, so that the kernel gives another number."""
        if hold:
            self.rig.channel.do("hold_file", name=self.id, path=hold)
        try:
            self.unplug()
            self.plug()
        finally:
            if hold:
                self.rig.channel.do("release", name=self.id)

    def _connect(self):
        """Connects the emulated device to its port."""
        raise NotImplementedError

    def _disconnect(self):
        raise NotImplementedError

    def _add(self, driver, **properties):
        self.rig.monitor.do("device_add", driver=driver, id=self.id, bus="xhci.0", port=self.port, **properties)

    def _remove(self):
        self.rig.monitor.do("device_del", id=self.id)
        self.rig.monitor.wait_for("DEVICE_DELETED", device=self.id)
