# SPDX-License-Identifier: Apache-2.0
"""The network of a bench: a bridge with the boards' cards, and a server that gives addresses and files."""

import pathlib
import subprocess
import tempfile
import time

from rig.board import start
from rig.channel import RigError

DHCP, TFTP = 67, 69


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RigError(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Lan:
    """`with Lan(tftp=folder) as lan:` in a process with a network of its own (own_network). This machine's programs have its
    address `server`. tftp: the folder whose files boards get by TFTP; without, the port is left to another server."""

    server = "192.168.77.1"

    def __init__(self, tftp=None):
        self.tftp = tftp
        self._cards = 0
        self._dnsmasq = None

    def card(self):
        """QEMU's arguments for a card on this network."""
        self._cards += 1
        name, mac = f"tap{self._cards}", f"52:54:00:77:00:{self._cards:02x}"
        ip("tuntap", "add", name, "mode", "tap")
        ip("link", "set", name, "master", "br0", "up")
        # Boards hear the server, and not each other: Debian 12's U-Boot hears nothing more for good once 32 frames have come
        # while it did not listen, as the broadcasts of some boards that start together are.
        ip("link", "set", name, "type", "bridge_slave", "isolated", "on")
        # With the legacy interface Debian 12's U-Boot reads one and the same address on every board.
        # Without a bootindex UEFI does not touch the card.
        return ["-netdev", f"tap,id=lan,ifname={name},script=no,downscript=no",
                "-device", f"virtio-net-pci,netdev=lan,romfile=,disable-legacy=on,bootindex=2,mac={mac}"]

    def serves(self, port):
        """Whether somebody has this UDP port."""
        lines = pathlib.Path("/proc/self/net/udp").read_text("ascii").splitlines()[1:]
        return any(int(line.split()[1].split(":")[1], 16) == port for line in lines)

    def log(self):
        """What was asked of the server, and what it gave."""
        return (self.folder / "dnsmasq.log").read_text("utf-8", "replace")

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-lan-")
        self.folder = pathlib.Path(self._folder.name)
        ip("link", "set", "lo", "up")
        ip("link", "add", "br0", "type", "bridge")
        ip("addr", "add", f"{self.server}/24", "dev", "br0")
        ip("link", "set", "br0", "up")
        files = ["--enable-tftp", f"--tftp-root={self.tftp}"] if self.tftp else []
        # --no-ping: else the first address takes three seconds.
        with (self.folder / "dnsmasq.log").open("wb") as log:
            self._dnsmasq = start(["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--port=0", "--interface=br0",
                                   "--bind-interfaces", "--no-ping", "--dhcp-authoritative", "--log-dhcp",
                                   "--dhcp-range=192.168.77.50,192.168.77.99,255.255.255.0,12h",
                                   f"--dhcp-option=option:router,{self.server}", f"--dhcp-leasefile={self.folder}/leases",
                                   f"--pid-file={self.folder}/pid", *files], stdout=log, stderr=log)
        limit = time.monotonic() + 30
        while not self.serves(DHCP) or self.tftp and not self.serves(TFTP):
            if self._dnsmasq.poll() is not None or time.monotonic() > limit:
                raise RigError("dnsmasq does not serve: " + self.log())
            time.sleep(0.02)
        return self

    def stop_serving(self):
        """No addresses and no files from now on."""
        self._dnsmasq.kill()
        self._dnsmasq.wait()

    def __exit__(self, *_):
        self.stop_serving()
        for number in range(1, self._cards + 1):
            ip("link", "del", f"tap{number}")
        ip("link", "del", "br0")
        self._folder.cleanup()
