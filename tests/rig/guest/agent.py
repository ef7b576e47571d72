# SPDX-License-Identifier: Apache-2.0
"""What runs inside the rig: starts programs for the host, tells it what udev says, holds devices open.

It speaks frames over a virtio port: number of the call (u32), kind (u8), length (u32), then that many bytes.
From the host:  R run (JSON)   I input of a run   E its end   K a signal for a run (JSON)   O an operation (JSON)
To the host:    o, e output and error output of a run   x it ended (JSON)   r result of an operation (JSON)
                u an event of udev (JSON, number 0)   ! the agent is up (number 0)
"""

import contextlib
import errno
import fcntl
import glob
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

HEADER = struct.Struct("<IBI")
UDEV_EVENTS = 2  # the multicast group to which udevd sends what it has dealt with, as libudev calls it
HOST = "/host"   # where the host's root is mounted


def udev_properties(message):
    """The properties in a message of udevd (struct monitor_netlink_header of libudev), or None for another's."""
    if not message.startswith(b"libudev\0"):
        return None
    start, length = struct.unpack_from("<II", message, 16)
    fields = message[start:start + length].split(b"\0")
    return dict(field.decode("utf-8", "replace").split("=", 1) for field in fields if b"=" in field)


def request_line(chip, offset, consumer, value):
    """Takes a GPIO line as an output and returns the descriptor that holds it (struct gpio_v2_line_request)."""
    GPIO_V2_GET_LINE, OUTPUT, VALUES = 0xc250b407, 1 << 3, 2
    attribute = struct.pack("<IIQQ", VALUES, 0, value, 1)
    config = struct.pack("<QI20x", OUTPUT, 1) + attribute + bytes(9 * 24)
    request = bytearray(struct.pack("<64I32s", offset, *[0] * 63, consumer.encode()) + config +
                        struct.pack("<II20xi", 1, 0, -1))
    with open(chip, "rb") as device:
        fcntl.ioctl(device, GPIO_V2_GET_LINE, request)
    return struct.unpack_from("<i", request, len(request) - 4)[0]


class Agent:
    def __init__(self, port):
        self.port = port
        self.selector = selectors.DefaultSelector()
        self.runs = {}     # number: Popen
        self.inputs = {}   # number: what is to be written to its input, None at the end
        self.held = {}     # name: descriptor
        self.read = bytearray()
        self.udev = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)  # NETLINK_KOBJECT_UEVENT
        self.udev.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udev.bind((0, UDEV_EVENTS))
        # A child's end is a byte on this pipe, so that one select sees everything.
        self.ended, write = os.pipe()
        os.set_blocking(self.ended, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.watch(self.port, self.on_port)
        self.watch(self.udev, self.on_udev)
        self.watch(self.ended, self.on_child)

    def watch(self, source, call):
        self.selector.register(source, selectors.EVENT_READ, call)

    def serve(self):
        self.send(0, "!", b"")
        while True:
            for key, _ in self.selector.select():
                if key in self.selector.get_map().values():  # a call before this one may have closed it
                    key.data(key.fileobj)

    def send(self, number, kind, data):
        frame = HEADER.pack(number, ord(kind), len(data)) + data
        while frame:
            frame = frame[os.write(self.port, frame[:65536]):]

    def send_json(self, number, kind, value):
        self.send(number, kind, json.dumps(value).encode())

    def on_port(self, port):
        data = os.read(port, 65536)
        if not data:  # nobody is at the other end: between saving and restoring
            time.sleep(0.01)
        self.read += data
        while len(self.read) >= HEADER.size:
            number, kind, length = HEADER.unpack_from(self.read)
            if len(self.read) < HEADER.size + length:
                return
            body = bytes(self.read[HEADER.size:HEADER.size + length])
            del self.read[:HEADER.size + length]
            self.on_frame(number, chr(kind), body)

    def on_frame(self, number, kind, body):
        if kind == "R":
            self.start(number, **json.loads(body))
        elif kind == "O":
            call = json.loads(body)
            try:
                result = {"value": getattr(self, "do_" + call.pop("do"))(**call)}
            except OSError as error:
                result = {"error": str(error), "errno": error.errno}
            except Exception as error:  # told to the host, which has the test that asked for it
                result = {"error": f"{type(error).__name__}: {error}", "errno": 0}
            self.send_json(number, "r", result)
        elif number in self.runs:
            if kind == "I":
                self.give_input(number, body)
            elif kind == "E":
                self.give_input(number, b"", end=True)
            elif kind == "K":
                with contextlib.suppress(ProcessLookupError):  # it ended meanwhile, and the host is being told
                    os.killpg(self.runs[number].pid, json.loads(body))

    def give_input(self, number, data=b"", end=False):
        """Writes to a program's input what it takes now, and the rest when it reads on."""
        pipe, waiting = self.runs[number].stdin, self.inputs[number]
        waiting += [data] if data else []
        waiting += [None] if end else []
        try:
            while waiting and waiting[0] is not None:
                written = os.write(pipe.fileno(), waiting[0])
                waiting[0] = waiting[0][written:]
                if not waiting[0]:
                    del waiting[0]
        except BlockingIOError:
            if pipe.fileno() not in self.selector.get_map():
                self.selector.register(pipe, selectors.EVENT_WRITE, lambda _: self.give_input(number))
            return
        except BrokenPipeError:
            waiting[:] = [None]
        if pipe.fileno() in self.selector.get_map():
            self.selector.unregister(pipe)
        if waiting == [None]:
            waiting.clear()
            pipe.close()

    def start(self, number, argv, env, cwd, uid, gid, groups):
        def enter():
            os.setsid()
            os.chroot(HOST if os.path.ismount(HOST) else "/")
            os.chdir(cwd)
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
        try:
            child = subprocess.Popen(argv, env=env, preexec_fn=enter, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, bufsize=0)
        except (OSError, subprocess.SubprocessError) as error:
            self.send(number, "e", f"rig: cannot start {argv[0]}: {error}\n".encode())
            self.send_json(number, "x", 127 if getattr(error, "errno", 0) == errno.ENOENT else 126)
            return
        os.set_blocking(child.stdin.fileno(), False)
        self.runs[number], self.inputs[number] = child, []
        for kind, pipe in (("o", child.stdout), ("e", child.stderr)):
            self.watch(pipe, lambda source, kind=kind: self.on_output(number, kind, source))

    def on_output(self, number, kind, pipe):
        data = os.read(pipe.fileno(), 65536)
        if data:
            self.send(number, kind, data)
            return
        self.selector.unregister(pipe)
        pipe.close()
        self.finish(number)

    def on_child(self, pipe):
        try:
            os.read(pipe, 4096)
        except BlockingIOError:
            pass
        for number in list(self.runs):
            self.finish(number)

    def finish(self, number):
        """A run is over when its process is, with everything read that it wrote (its children may write on)."""
        child = self.runs.get(number)
        if child is None or child.poll() is None:
            return
        for key in [key for key in self.selector.get_map().values() if key.fileobj in (child.stdout, child.stderr)]:
            os.set_blocking(key.fd, False)
            try:
                while data := os.read(key.fd, 65536):
                    self.send(number, "o" if key.fileobj is child.stdout else "e", data)
            except BlockingIOError:
                pass
            self.selector.unregister(key.fileobj)
            key.fileobj.close()
        del self.runs[number], self.inputs[number]
        if not child.stdin.closed:
            if child.stdin.fileno() in self.selector.get_map():
                self.selector.unregister(child.stdin)
            child.stdin.close()
        self.send_json(number, "x", child.returncode)

    def on_udev(self, source):
        try:
            properties = udev_properties(source.recv(65536))
        except OSError as error:  # ENOBUFS: more came than was read
            properties = {"ACTION": "lost", "ERROR": str(error)}
        if properties:
            self.send_json(0, "u", properties)

    # --- operations ---------------------------------------------------------------------------------------------

    def do_set_time(self, seconds):
        time.clock_settime(time.CLOCK_REALTIME, seconds)

    def do_mount_host(self):
        """Mounts the host's root with a layer on top that takes what is written."""
        script = ("mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 hostroot /lower && "
                  "mount -t tmpfs -o mode=755 overlay /overlay && mkdir /overlay/upper /overlay/work && "
                  "mount -t overlay -o lowerdir=/lower,upperdir=/overlay/upper,workdir=/overlay/work,xino=off host /host && "
                  "for d in proc sys dev run; do mkdir -p /host/$d && mount --rbind /$d /host/$d || exit 1; done")
        done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=False)
        if done.returncode:
            raise OSError(0, done.stderr.decode("utf-8", "replace").strip())

    def do_has_host_device(self):
        return any(open(tag, encoding="ascii").read().strip("\0\n") == "hostroot"
                   for tag in glob.glob("/sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag"))

    def do_add_rules(self, rules):
        """Adds udev rules, {file name: text}, to those of the initial RAM disk."""
        for name, text in rules.items():
            self.do_write(f"/usr/lib/udev/rules.d/{name}", text)
        # Not by a reload: now and then a worker of udevd goes on with the old rules.
        for words in (("/bin/udevadm", "settle"), ("/bin/udevadm", "control", "--exit"), ("/bin/udevd", "--daemon"),
                      ("/bin/udevadm", "control", "--ping")):
            subprocess.run(words, check=True)

    def do_write(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def do_read(self, path):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def do_insert_module(self, name, parameters):
        done = subprocess.run(["insmod", f"/modules/{name}.ko", *parameters.split()], capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace").strip())

    def do_mkdir(self, path):
        os.makedirs(path, exist_ok=True)

    def do_rmdir(self, path):
        os.rmdir(path)

    def do_real_path(self, path):
        return os.path.realpath(path, strict=True)

    def do_hold_file(self, name, path):
        self.held[name] = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def do_hold_line(self, name, chip, offset, consumer, value):
        self.held[name] = request_line(chip, offset, consumer, value)

    def do_release(self, name):
        os.close(self.held.pop(name))


def main():
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    while not glob.glob("/dev/vport*p1"):
        time.sleep(0.02)
    Agent(os.open(glob.glob("/dev/vport*p1")[0], os.O_RDWR)).serve()


if __name__ == "__main__":
    sys.exit(main())
