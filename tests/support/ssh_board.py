#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A board that one logs into by ssh: a busybox system in FOLDER/root, and its shell and its sftp see nothing else.
Keys are made in FOLDER: `key` opens it, `stranger` does not. With SSHD, the path of OpenSSH's server, that one serves.

usage: unshare [--map-root-user] --mount --pid --fork ssh_board.py FOLDER [SSHD]     prints its port"""

import asyncio
import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios

import asyncssh

GET_TERMINAL = 0x5441  # TIOCGPTPEER: the other end of a terminal, without a path to it
ENVIRONMENT = {"PATH": "/bin", "HOME": "/root", "TERM": "dumb"}


def make_key(path):
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(path))
    key.write_public_key(str(path) + ".pub")
    path.chmod(0o600)
    return key


def make_system(root):
    for name in ("bin", "dev", "etc", "proc", "root", "tmp"):
        (root / name).mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nsshd:x:100:100::/run/sshd:/bin/false\n")
    (root / "etc/profile").write_text("PS1='root@board:\\w# '\necho $$ > /tmp/shell\n")
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    subprocess.run(["chroot", root, "/bin/busybox", "--install", "-s", "/bin"], check=True)
    for name in ("null", "tty", "urandom"):
        (root / "dev" / name).touch()
        subprocess.run(["mount", "--bind", f"/dev/{name}", root / "dev" / name], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)


def take_terminal(fd):
    os.setsid()
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)


async def type_into(terminal, keys):
    while typed := await keys.read(65536):
        os.write(terminal, typed)


class Files(asyncssh.SFTPServer):
    """OpenSSH's scp wants to be told that all went well."""

    def __init__(self, channel):
        self.ending = channel
        super().__init__(channel)

    def exit(self):
        self.ending.exit(0)


class Board:
    def __init__(self):
        self.devices = os.open("/dev", os.O_PATH)

    async def shell(self, process):
        terminal = os.open("ptmx", os.O_RDWR | os.O_NOCTTY, dir_fd=self.devices)
        fcntl.ioctl(terminal, 0x40045431, b"\0\0\0\0")  # TIOCSPTLCK: unlocked
        inner = fcntl.ioctl(terminal, GET_TERMINAL, os.O_RDWR | os.O_NOCTTY)
        child = await asyncio.create_subprocess_exec("/bin/sh", "-l", stdin=inner, stdout=inner, stderr=inner, cwd="/root",
                                                     env=ENVIRONMENT, preexec_fn=lambda: take_terminal(0))
        os.close(inner)
        loop = asyncio.get_running_loop()

        def show():
            try:
                process.stdout.write(os.read(terminal, 65536))
            except OSError:  # its last process has ended
                loop.remove_reader(terminal)

        loop.add_reader(terminal, show)
        typing = loop.create_task(type_into(terminal, process.stdin))
        leaving = loop.create_task(child.wait())
        await asyncio.wait([typing, leaving], return_when=asyncio.FIRST_COMPLETED)
        typing.cancel()
        loop.remove_reader(terminal)
        os.close(terminal)
        process.exit(await leaving)

    async def serve(self, folder, host, opens):
        server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[host], encoding=None,
                                       process_factory=self.shell, sftp_factory=Files,
                                       authorized_client_keys=asyncssh.import_authorized_keys(opens))
        os.chroot(folder / "root")
        os.chdir("/")
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.wait_closed()


class OpenSsh:
    """Its server inside of the system, one process for each connection."""

    def __init__(self, folder, sshd, opens):
        self.root = folder / "root"
        programs = [sshd, sshd.parents[1] / "lib/openssh/sftp-server"]
        libraries = subprocess.run(["ldd", *programs], check=True, capture_output=True, text=True).stdout
        for library in set(re.findall(r"(/\S+\.so\S*)", libraries)):
            self.install(pathlib.Path(library), library)
        for program, name in zip(programs, ("bin/sshd", "bin/sftp-server")):
            self.install(program, name)
        self.install(folder / "host", "etc/host")
        (self.root / "dev/pts").mkdir()
        subprocess.run(["mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", self.root / "dev/pts"], check=True)
        (self.root / "dev/ptmx").symlink_to("pts/ptmx")
        (self.root / "run/sshd").mkdir(parents=True)
        (self.root / "etc/keys").write_text(opens)
        (self.root / "etc/sshd_config").write_text(
            "HostKey /etc/host\nAuthorizedKeysFile /etc/keys\nStrictModes no\nPasswordAuthentication no\n"
            "Subsystem sftp /bin/sftp-server\n")

    def install(self, source, name):
        there = self.root / name.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, there)

    def serve(self):
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            client, _ = listener.accept()
            subprocess.Popen(["chroot", self.root, "/bin/sshd", "-i", "-f", "/etc/sshd_config"], stdin=client,
                             stdout=client, stderr=subprocess.DEVNULL)
            client.close()


def main(folder, sshd=None):
    host, _ = make_key(folder / "host"), make_key(folder / "stranger")
    opens = make_key(folder / "key").export_public_key().decode()
    make_system(folder / "root")
    if sshd:
        OpenSsh(folder, sshd, opens).serve()
    else:
        asyncio.run(Board().serve(folder, host, opens))


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # the first process of its namespace has no default
main(*map(pathlib.Path, sys.argv[1:]))
