#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what the kernel and udev show of the rig's devices, for tests that have no rig: tests/drivers/recordings/README.md.
usage: record_trees.py FOLDER [TREE]..."""

import pathlib
import re
import sys

from rig import CdcAcm, Ch340, Ftdi, FtdiChip, HidRelay, Hub, Rig, UsbStick

# What no program of ours looks at, and what is another with each recording.
UNWANTED = re.compile(r"[AHL]: (power|queue|trace|integrity|msi_irqs|statistics|link|firmware_node|bdi|hwmon)/?.*="
                      r"|[AH]: (config|pools|resource\d*|stat|inflight|urbnum|diskseq|rom|vpd|remove|rescan)="
                      r"|E: (ID_\w+_ENC|ID_USB_\w+|DISKSEQ|USEC_INITIALIZED|CURRENT_TAGS|TAGS)=|S: disk/by-diskseq/")
DEVICES = ("/sys/bus/usb/devices/*", "/sys/class/tty/ttyUSB*", "/sys/class/tty/ttyACM*", "/sys/class/tty/ttyS0",
           "/sys/class/hidraw/*", "/sys/class/block/sd*")


def kinds(rig):
    """One of each kind, with the serial numbers and without them, as makers leave them."""
    for device in (Ftdi(serial="A1"), FtdiChip(ports=2, serial="DUAL"), CdcAcm(serial="0001"), Ch340(),
                   HidRelay(channels=2, identity="LAB01"), UsbStick(serial="CARD1", size=2 << 20)):
        rig.plug(device)


def twins(rig):
    """Two of each, which say the same of themselves."""
    for make in (lambda: Ftdi(serial="TWIN"), Ch340, HidRelay, lambda: UsbStick(serial="TWIN", size=2 << 20)):
        for _ in range(2):
            rig.plug(make())


def hubs(rig):
    """Adapters behind a hub and behind a hub of that hub."""
    near = rig.plug(Hub(serial="NEAR"))
    far = rig.plug(Hub(serial="FAR"), port=near.ports[2])
    rig.plug(Ftdi(serial="A1"), port=near.ports[1])
    rig.plug(Ftdi(serial="TWIN"), port=near.ports[4])
    rig.plug(Ftdi(serial="TWIN"), port=far.ports[4])
    rig.plug(Ch340(), port=far.ports[1])
    rig.plug(Ch340())


def record(rig):
    places = rig.shell(f"for each in {' '.join(DEVICES)}; do test -e $each && readlink -f $each; done | sort").split()
    lines, links = [], set()
    for line in rig.run(["umockdev-record", *places], check=True).stdout.splitlines():
        # Of two devices with one name the kernel has a link to one.
        if UNWANTED.match(line) or (line.startswith("S: ") and line in links):
            continue
        links.add(line)
        # Without content umockdev makes it a pseudo terminal, and its realpath() of one breaks the caller's memory.
        lines.append(f"{line}=00" if line.startswith("N: tty") else line)
    return "\n".join(lines) + "\n"


def main(folder, *wanted):
    with Rig() as rig:
        for tree in (kinds, twins, hubs):
            if wanted and tree.__name__ not in wanted:
                continue
            tree(rig)
            (pathlib.Path(folder) / f"{tree.__name__}.umockdev").write_text(record(rig), encoding="utf-8")
            rig.clear()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
