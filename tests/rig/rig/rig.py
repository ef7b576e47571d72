# SPDX-License-Identifier: Apache-2.0
"""A restored rig: programs run inside it, devices are plugged into it."""

import grp
import os
import pathlib
import pwd
import re
import socket
import time

from .channel import PATIENCE, RigError
from .folder import ROOT, rig_folder, why_missing
from .machine import USB_PORTS, Machine

USB_PATH = re.compile(r"/usb\d+/(?:[^/]+/)*(\d+-[\d.]+)(?:/|$)")
LAB_GROUPS = ("dialout", "audio", "plugdev")


class Rig:
    """`with Rig() as rig:` restores the machine with the host's root inside it, and ends it with all that runs in it.

    rules: files with udev rules that are added to the rig's own; None: those in the tree's folder udev/.
    """

    def __init__(self, rules=None):
        if reason := why_missing():
            raise RigError(reason)
        self.rules = sorted((ROOT / "udev").glob("*.rules")) if rules is None else [pathlib.Path(rule) for rule in rules]
        self._plugged = []
        self._network = False
        self._free_ports = list(range(2, USB_PORTS + 1)) + [1]

    def __enter__(self):
        folder = rig_folder()
        self.machine = Machine(folder, folder / "state")
        try:
            self.channel, self.monitor = self.machine.channel, self.machine.monitor
            self.channel.do("set_time", seconds=time.time())
            self.monitor.do("device_add", driver="virtio-9p-pci", id="host", fsdev="host", mount_tag="hostroot")
            self._wait_until(lambda: self.channel.do("has_host_device"), "the host's root did not appear in the rig")
            self.channel.do("mount_host")
            if self.rules:
                self.channel.do("add_rules", rules={rule.name: rule.read_text("utf-8") for rule in self.rules})
        except BaseException:
            self.machine.close()
            raise
        return self

    def __exit__(self, *_):
        for device in reversed(self._plugged):
            device.end()
        self.machine.close()

    # --- programs ---------------------------------------------------------------------------------------------------

    def start(self, argv, user="root", groups=None, env=None, cwd=None):
        """Starts a program inside. It sees the host's files; what it writes is gone with the rig.

        user: whom it runs as; another than root is in `groups` (names), by default those that may use a lab's devices.
        env: replaces the environment, but for PATH, HOME, USER and LANG. cwd: by default the caller's.
        """
        person = pwd.getpwnam(user)
        names = groups if groups is not None else () if user == "root" else LAB_GROUPS
        surroundings = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                        "HOME": "/root" if user == "root" else "/tmp", "USER": user, **(env or {})}
        return self.channel.run([str(word) for word in argv], surroundings, str(cwd or os.getcwd()), person.pw_uid,
                                person.pw_gid, [grp.getgrnam(name).gr_gid for name in names])

    def run(self, argv, timeout=PATIENCE, input=b"", check=False, **how):
        """Runs a program to its end, as start() does. check: RigError when its status is not 0."""
        process = self.start(argv, **how)
        if input:
            process.write(input)
        process.close_input()
        done = process.wait(timeout)
        if check and done.status:
            raise RigError(repr(done))
        return done

    def shell(self, script, **how):
        """Runs a script of the shell as root and returns what it wrote. RigError when it fails."""
        return self.run(["/bin/sh", "-c", script], check=True, **how).output

    def read(self, path):
        """The text of a file inside, as programs see it."""
        return self.channel.do("read", path=self._agents(path))

    def write(self, path, text):
        """Writes a file inside, in one write, as attributes of /sys want it. The host's files stay as they are."""
        self.channel.do("write", path=self._agents(path), text=text)

    @staticmethod
    def _agents(path):
        """The agent is outside of the host's root, which has the kernel's own file systems mounted into it."""
        return str(path) if str(path).startswith(("/sys/", "/proc/", "/dev/", "/run/")) else f"/host{path}"

    def deny(self, node):
        """Takes a node's permissions from all but root, as on a machine without our udev rules."""
        self.shell(f"chown root:root {node} && chmod 600 {node}")

    def kernel_log(self):
        return self.shell("dmesg")

    # --- devices ----------------------------------------------------------------------------------------------------

    def plug(self, device, port=None):
        """Plugs a device, waits until the kernel and udev have it, and returns it. port: a hub's, else one is chosen."""
        self._plugged.append(device)
        device.attach(self, port)
        device.plug()
        return device

    def clear(self):
        """Unplugs every device, so that another test may use the machine."""
        while self._plugged:
            device = self._plugged.pop()
            on_hub = getattr(device, "hub_port", None)
            if device.plugged:
                device.pull() if on_hub else device.unplug()
            device.end()
            if hasattr(device, "port") and not on_hub:
                self._free_ports.append(int(device.port))

    def forward(self, port):
        """The port of 127.0.0.1 that leads to this TCP port inside. The first call gives the rig a network card."""
        if not self._network:
            self._network = True
            since = self.events_so_far()
            self.monitor.do("netdev_add", type="user", id="network", restrict=True)
            self.monitor.do("device_add", driver="virtio-net-pci", id="card", netdev="network", romfile="")
            card = self.wait_for_event("add", since, "no network card appeared", SUBSYSTEM="net")["INTERFACE"]
            self.shell(f"busybox ip link set {card} up && busybox ip addr add 10.0.2.15/24 dev {card}")
        with socket.create_server(("127.0.0.1", 0)) as free:
            outside = free.getsockname()[1]
        self.monitor.do("human-monitor-command", **{"command-line": f"hostfwd_add network tcp:127.0.0.1:{outside}-10.0.2.15:{port}"})
        return outside

    def take_usb_port(self):
        return str(self._free_ports.pop(0))

    def wait_for(self, predicate, what, timeout=PATIENCE):
        """Waits until `predicate()` holds; it is asked again whenever anything comes from inside or a device is used."""
        return self.channel.wait_for(predicate, timeout, what)

    def notify(self):
        """A device has changed: whoever waits looks again."""
        with self.channel.changed:
            self.channel.changed.notify_all()

    def wait_for_event(self, action, since, what, timeout=PATIENCE, **properties):
        """Waits for an event of udev after the first `since` ones whose properties have these values, and returns it.

        A value with a slash at its end stands for all that begin with it."""
        def fits(event):
            return event.get("ACTION") in action.split("|") and all(
                event.get(name, "").startswith(value) if value.endswith("/") else
                event.get(name) == value for name, value in properties.items())
        return self.wait_for(lambda: next((event for event in self.channel.events[since:] if fits(event)), None), timeout=timeout,
                             what=lambda: f"{what}; udev told: " + ", ".join(
                                 f"{event.get('ACTION')} {event.get('DEVPATH')}" for event in self.channel.events[since:]))

    def events_so_far(self):
        return len(self.channel.events)

    def place_of(self, event):
        """How many events came up to this one."""
        return next(place for place, one in enumerate(self.channel.events, 1) if one is event)

    def poll(self, predicate, what, timeout=PATIENCE):
        """For what the kernel tells by no event: asks every 20 ms."""
        return self._wait_until(predicate, what, timeout)

    def _wait_until(self, predicate, what, timeout=PATIENCE):
        limit = time.monotonic() + timeout
        while not (result := predicate()):
            if time.monotonic() > limit:
                raise RigError(f"after {timeout} s: {what() if callable(what) else what}")
            time.sleep(0.02)
        return result

    def connect_chardev(self, name):
        """Gives QEMU a character device of this name and returns the socket that is its other end."""
        ours, theirs = socket.socketpair()
        self.monitor.do("getfd", [theirs.fileno()], fdname=name)
        theirs.close()
        address = {"type": "fd", "data": {"str": name}}
        self.monitor.do("chardev-add", id=name, backend={"type": "socket", "data": {"addr": address, "server": False}})
        return ours
