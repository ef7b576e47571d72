# SPDX-License-Identifier: Apache-2.0
"""A GPIO chip without hardware: the kernel's gpio-sim, whose pins are files."""

from .channel import RigError
from .device import Device

CONFIGURATION = "/sys/kernel/config/gpio-sim"


class GpioChip(Device):
    """A chip with named lines: GpioChip("lab-gpio", ["POWER", "RESET"]) or {offset: name} for lines elsewhere.

    Its number is the kernel's to choose: node() tells /dev/gpiochipN. A line that nobody drives has the level of its pull."""

    expects = ("gpio",)

    def __init__(self, label="rig-gpio", lines=("POWER", "RESET"), count=8):
        super().__init__()
        self.label = label
        self.names = dict(lines) if isinstance(lines, dict) else dict(enumerate(lines))
        self.count = count

    def plug(self):
        since = self.rig.events_so_far()
        folder, do = f"{CONFIGURATION}/{self.id}", self.rig.channel.do
        do("mkdir", path=f"{folder}/bank0")
        self.rig.write(f"{folder}/bank0/num_lines", str(self.count))
        self.rig.write(f"{folder}/bank0/label", self.label)
        for offset, name in self.names.items():
            do("mkdir", path=f"{folder}/bank0/line{offset}")
            self.rig.write(f"{folder}/bank0/line{offset}/name", name)
        self.rig.write(f"{folder}/live", "1")
        self._device, self._chip = (self.rig.read(f"{folder}/{file}").strip() for file in ("dev_name", "bank0/chip_name"))
        self._events = [self.rig.wait_for_event("add", since, f"{self.id} did not appear", SUBSYSTEM="gpio",
                                                DEVNAME=f"/dev/{self._chip}")]
        self.plugged = True

    def unplug(self):
        """Takes the chip away. Only while no line is held: the kernel of Debian 12 breaks otherwise (unplug a Cp2104 instead)."""
        if held := [line for line in self.rig.shell("cat /sys/kernel/debug/gpio").splitlines() if "(" in line and "|" in line]:
            raise RigError(f"{self.id} cannot be unplugged while a line of a GPIO chip is held: {held}")
        since = self.rig.events_so_far()
        folder = f"{CONFIGURATION}/{self.id}"
        self.rig.write(f"{folder}/live", "0")
        self.rig.wait_for_event("remove", since, f"{self.id} is still there", SUBSYSTEM="gpio", DEVNAME=f"/dev/{self._chip}")
        for offset in self.names:
            self.rig.channel.do("rmdir", path=f"{folder}/bank0/line{offset}")
        for path in (f"{folder}/bank0", folder):
            self.rig.channel.do("rmdir", path=path)
        self.plugged = False

    def offset(self, line):
        """The offset of a line that is named by its name or its offset."""
        return line if isinstance(line, int) else next(offset for offset, name in self.names.items() if name == line)

    def _attribute(self, line, name):
        return f"/sys/devices/platform/{self._device}/{self._chip}/sim_gpio{self.offset(line)}/{name}"

    def level(self, line):
        """What the pin really has: 0 or 1."""
        return int(self.rig.read(self._attribute(line, "value")))

    def wait_for_level(self, line, level, timeout=60):
        self.rig.poll(lambda: self.level(line) == level, f"line {line} of {self.id} did not become {level}", timeout)

    def pull(self, line, up):
        """What is outside pulls the pin up or down; an input reads that, and an edge is an event."""
        self.rig.write(self._attribute(line, "pull"), "pull-up" if up else "pull-down")

    def take(self, line, consumer="another program", level=0):
        """Another program holds the line as an output, until give_back()."""
        self.rig.channel.do("hold_line", name=f"{self.id}-{self.offset(line)}", chip=self.node(), offset=self.offset(line),
                            consumer=consumer, value=level)

    def give_back(self, line):
        self.rig.channel.do("release", name=f"{self.id}-{self.offset(line)}")
