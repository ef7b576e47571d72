# SPDX-License-Identifier: Apache-2.0
"""What boards fetch: patchbay-tftpd beside Debian's tftpd-hpa, with the same clients, the same file, over the loopback."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from measure import Row, processor_seconds

MEBIBYTE = 1024 * 1024
BOARDS = 8
# Of two programs that do the same, which is ahead by less than that changes from run to run.
NOISE = 0.05


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def serving(*command):
    """A server's port and process; it is there when it answers."""
    port = free_port()
    words = [str(word).replace("PORT", str(port)) for word in command]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.1)
            for _ in range(100):
                with contextlib.suppress(OSError):
                    client.sendto(b"\0\1none\0octet\0", ("127.0.0.1", port))
                    client.recv(100)
                    break
            else:
                raise RuntimeError("%s does not answer" % words[0])
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def block_by_block(port, target):
    """As U-Boot asks: blocks of 1468 bytes, each acknowledged before the next."""
    return ["curl", "-sS", "--tftp-blksize", "1468", "-o", target, "tftp://127.0.0.1:%d/file" % port]


def windows(port, target):
    return ["atftp", "--option", "blksize 1468", "--option", "windowsize 16", "-g", "-r", "file", "-l", target,
            "127.0.0.1", str(port)]


def fetch(client, port, clients=1):
    running = [subprocess.Popen(client(port, "/dev/null"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for _ in range(clients)]
    if any([one.wait() for one in running]):
        raise RuntimeError("%s failed" % running[0].args[0])


def rate(client, port, size, clients=1):
    """MiB in a second, of all clients together."""
    begin = time.monotonic()
    fetch(client, port, clients)
    return clients * size / MEBIBYTE / (time.monotonic() - begin)


def processor_time(port, pid):
    """Seconds that a server computes for one client. A child for each client is looked at until it is gone."""
    begin = processor_seconds(pid)
    of_child = 0
    client = subprocess.Popen(block_by_block(port, "/dev/null"), stderr=subprocess.DEVNULL)
    while client.poll() is None:
        for child in pathlib.Path("/proc", str(pid), "task", str(pid), "children").read_text().split():
            of_child = max(of_child, processor_seconds(child))
        time.sleep(0.002)
    return processor_seconds(pid) - begin + of_child


def best(ours, bare, rounds, choose=max):
    """Of measurements that take turns. Whether the kernel puts client and server onto one processor decides between 10 and
    100 MiB/s, for both servers, and a machine with other work does the worse more often."""
    pairs = [(ours(), bare()) for _ in range(rounds)]
    return choose(pair[0] for pair in pairs), choose(pair[1] for pair in pairs)


def tftp(tools):
    if os.geteuid() != 0:
        raise RuntimeError("in.tftpd starts as root only")
    theirs = shutil.which("in.tftpd", path="/usr/sbin:/usr/bin")
    if theirs is None:
        raise RuntimeError("no in.tftpd here (scripts/install-deps test)")
    size = tools.amount(64, 1) * MEBIBYTE
    rounds = tools.amount(7, 1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        pathlib.Path(folder, "file").write_bytes(os.urandom(size))
        with serving(tools.programs / "patchbay-tftpd", "--root", folder, "--listen", "127.0.0.1:PORT") as ours, \
                serving(theirs, "-L", "-a", "127.0.0.1:PORT", "-u", "root", "-s", folder) as bare:
            for name, client, clients, how in (("tftp-block", block_by_block, 1, ""),
                                               ("tftp-boards", block_by_block, BOARDS, ", a process for each board"),
                                               ("tftp-window", windows, 1, ", which knows no windows")):
                mine, other = best(lambda: rate(client, ours[0], size, clients),
                                   lambda: rate(client, bare[0], size, clients), rounds)
                least = 1.5 if client is windows else 1
                rows.append(Row(name, mine, "MiB/s", "tftpd-hpa%s: %.1f MiB/s" % (how, other), mine / other,
                                "ratio at least %g" % least, mine / other >= least - NOISE))
            mine, other = best(lambda: processor_time(*ours), lambda: processor_time(*bare), rounds, min)
            per_mebibyte = 1000 * MEBIBYTE / size
            other = max(other, 0.01)  # the kernel counts hundredths, a quick run takes none
            rows.append(Row("tftp-processor", mine * per_mebibyte, "ms/MiB", "tftpd-hpa: %.2f ms/MiB" %
                            (other * per_mebibyte), mine / other, "ratio at most 1", mine / other <= 1 + NOISE))
    return rows
