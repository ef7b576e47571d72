# SPDX-License-Identifier: Apache-2.0
"""The rig's virtual machine as a process: QEMU's arguments, its monitor, saving and restoring."""

import array
import collections
import contextlib
import ctypes
import json
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading

from .channel import Channel, RigError

QEMU = "qemu-system-x86_64"
USB_PORTS = 15  # of the controller, all of USB 2; the one of USB 3 that QEMU insists on shares the first


def die_with_parent():
    """Linux ends the caller when the thread that started it ends (PR_SET_PDEATHSIG), however that one dies."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def arguments(folder, agent, monitor, initrd=None, append="", memory=512):
    """What a machine is. It must be the same when its state is saved and restored, but for descriptors and files."""
    return [QEMU, "-accel", "tcg,thread=multi", "-M", "pc", "-m", str(memory), "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-kernel", str(folder / "vmlinux"), "-initrd", str(initrd or folder / "initrd.cpio"),
            # no_timer_check: on a busy host the emulated timer is too late for the kernel's test of it.
            "-append", "console=ttyS0 loglevel=4 panic=-1 mitigations=off audit=0 no_timer_check" + append,
            "-chardev", f"socket,id=agent,fd={agent}", "-device", "virtio-serial-pci",
            "-device", "virtserialport,chardev=agent,name=agent,nr=1",
            "-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control",
            # Each restored machine gets random numbers of its own.
            "-device", "vmgenid,guid=auto",
            "-device", f"qemu-xhci,id=xhci,p2={USB_PORTS},p3=1",
            # The device on it comes after restoring: a machine with 9p in it cannot be saved.
            "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
            # The only way to learn what a hub was told.
            "-trace", "usb_hub_set_port_feature", "-trace", "usb_hub_clear_port_feature"]


class Monitor:
    """QEMU's monitor (QMP). A thread reads it."""

    def __init__(self, connection):
        self._socket = connection
        self._commands = threading.Lock()
        self._changed = threading.Condition()
        self._answers, self._events = [], []
        self._lost = False
        threading.Thread(target=self._read, args=(connection.makefile("r", encoding="utf-8"),), daemon=True).start()
        self.do("qmp_capabilities")

    def _read(self, file):
        with file, contextlib.suppress(OSError, ValueError):
            for line in file:
                message = json.loads(line)
                with self._changed:
                    if "event" in message:
                        self._events.append(message)
                    elif "QMP" not in message:
                        self._answers.append(message)
                    self._changed.notify_all()
        with self._changed:
            self._lost = True
            self._changed.notify_all()

    def do(self, command, descriptors=(), **arguments):
        """Runs a command and returns its result. `descriptors` go along with it."""
        passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        with self._commands:
            try:
                self._socket.sendmsg([json.dumps({"execute": command, "arguments": arguments}).encode()], passed)
            except OSError as error:
                raise RigError(f"the rig's machine ended: {error}") from None
            with self._changed:
                if not self._changed.wait_for(lambda: self._answers or self._lost, 60) or not self._answers:
                    raise RigError(f"QEMU did not answer {command}")
                answer = self._answers.pop()
        if "error" in answer:
            raise RigError(f"QEMU refuses {command} {arguments}: {answer['error']['desc']}")
        return answer["return"]

    def wait_for(self, name, timeout=60, **data):
        """Waits for an event of this name with these data, which may have come before, and takes it."""
        def taken():
            for event in self._events:
                if event["event"] == name and data.items() <= event.get("data", {}).items():
                    self._events.remove(event)
                    return event
            return None
        with self._changed:
            event = self._changed.wait_for(lambda: taken() or (self._lost and {}), timeout)
        if not event:
            raise RigError(f"QEMU did not tell {name} {data}")
        return event


class Machine:
    """One QEMU process. `folder` has the kernel; `state` names a file with a saved machine, else it boots.

    boot: of a machine that is never saved, what arguments() takes; more: further arguments of QEMU."""

    def __init__(self, folder, state=None, boot=None, more=()):
        self.folder = pathlib.Path(folder)
        self._on_trace = []
        # What QEMU and the kernel said; the last lines are in the error of a machine that does not start.
        self.log = collections.deque(maxlen=200)
        agent, agent_inside = socket.socketpair()
        monitor, monitor_inside = socket.socketpair()
        self._console = tempfile.TemporaryFile()
        command = arguments(self.folder, agent_inside.fileno(), monitor_inside.fileno(), **(boot or {}))
        command += more
        command += ["-serial", "file:/dev/stdout"] + (["-incoming", "defer"] if state else [])
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._console, stderr=subprocess.PIPE,
                                        pass_fds=[agent_inside.fileno(), monitor_inside.fileno()], text=True,
                                        errors="replace", preexec_fn=die_with_parent)
        agent_inside.close()
        monitor_inside.close()
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        self._sockets = [agent, monitor]
        self.channel = Channel(agent)
        try:
            self.monitor = Monitor(monitor)
        except RigError:
            self.process.wait(5)
            raise RigError("QEMU did not start: " + "\n".join(self.log)) from None
        if state:
            self.restore(state)

    def on_trace(self, call):
        """Calls with each line that QEMU traces, in a thread of its own."""
        self._on_trace.append(call)

    def console(self):
        """What the kernel wrote to its console since the machine started."""
        self._console.seek(0)
        return self._console.read().decode("utf-8", "replace")

    def save(self, file):
        """Saves the machine's state. It stands still afterwards."""
        self.monitor.do("stop")
        self._migrate("migrate", f"exec:cat > '{file}'")

    def restore(self, file):
        """Goes on where the saved machine stopped."""
        self._migrate("migrate-incoming", f"exec:cat '{file}'")
        self.monitor.do("cont")

    def _migrate(self, command, uri):
        self.monitor.do("migrate-set-capabilities", capabilities=[{"capability": "events", "state": True}])
        self.monitor.do(command, uri=uri)
        try:
            self.monitor.wait_for("MIGRATION", 60, status="completed")
        except RigError:
            raise RigError("QEMU could not save or restore the machine: " + "\n".join(self.log)) from None

    def _read_log(self):
        for line in self.process.stderr:
            line = line.rstrip("\n")
            self.log.append(line)
            for call in self._on_trace:
                call(line)

    def close(self):
        self.process.kill()
        self.process.wait()
        self._log_reader.join()
        self.process.stderr.close()
        for connection in self._sockets:
            connection.close()
        self._console.close()
