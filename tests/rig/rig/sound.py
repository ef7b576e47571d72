# SPDX-License-Identifier: Apache-2.0
"""A sound card whose output is wired to a test's ear, and its input to a test's mouth: the kernel's snd-aloop."""

import array
import math

from .device import Device

DRIVER = "/sys/bus/platform/drivers/snd_aloop"


class SoundCard(Device):
    """A card `name` with one device for the driver, `pcm`; its wires end in a second device, which the test uses.

    Both ends must agree on rate and channels. Samples are S16_LE, interleaved."""

    expects = ("sound",)

    def __init__(self, name="Rig"):
        super().__init__()
        self.name = name
        self.pcm = f"hw:CARD={name},DEV=0"
        self._far = f"hw:CARD={name},DEV=1"
        self._loaded = False

    def plug(self):
        since = self.rig.events_so_far()
        if self._loaded:
            self.rig.write(f"{DRIVER}/bind", "snd_aloop.0")
        else:
            self.rig.channel.do("insert_module", name="snd-aloop", parameters=f"enable=1,1 id={self.name},Other pcm_substreams=1,1")
            self._loaded = True
            self.other(False)
        # The control node is the last that a card gets; its others may still be on their way through udev.
        self._events = [self.rig.wait_for_event("add", since, f"{self.id} did not appear", SUBSYSTEM="sound",
                                                DEVNAME=f"/dev/snd/controlC{self._number()}")]
        self.rig.shell("udevadm settle")
        self.plugged = True

    def _number(self):
        for line in self.rig.poll(lambda: self.rig.read("/proc/asound/cards"), "no card").splitlines():
            if f"[{self.name}" in line:
                return line.split()[0]
        return "0"

    def unplug(self):
        """The card is gone at once; the kernel waits for those who have it open, in the background."""
        since = self.rig.events_so_far()
        self.rig.start(["sh", "-c", f"echo snd_aloop.0 > {DRIVER}/unbind"])
        self.rig.wait_for_event("remove", since, f"{self.id} is still there", SUBSYSTEM="sound", DEVNAME=self.node())
        # The kernel tells it before the card's number is free.
        self.rig.poll(lambda: f"[{self.name}" not in self.rig.read("/proc/asound/cards"), f"{self.id} keeps its number")
        self.plugged = False

    def other(self, there):
        """Another card is plugged in, or is gone again: it takes the number that is free."""
        self.rig.write(f"{DRIVER}/{'bind' if there else 'unbind'}", "snd_aloop.1")

    def listen(self, seconds, rate=48000, channels=2):
        """Begins to record what comes out of the card; `heard()` of the process gives the samples."""
        return self.rig.start(["arecord", "-q", "-D", self._far, "-t", "raw", "-f", "S16_LE", "-r", rate, "-c", channels, "-d", seconds])

    def heard(self, process):
        """The samples that listen() recorded, when it ended."""
        return self.unpacked(process.wait().stdout_bytes)

    def say(self, samples, rate=48000, channels=2):
        """Begins to play samples into the card's input."""
        process = self.rig.start(["aplay", "-D", self._far, "-t", "raw", "-f", "S16_LE", "-r", rate, "-c", channels])
        process.write(self.packed(samples))
        process.close_input()
        process.expect("Playing")
        return process

    @staticmethod
    def packed(samples):
        """Numbers from -1 to 1 as S16_LE."""
        return array.array("h", (max(-32768, min(32767, round(sample * 32768))) for sample in samples)).tobytes()

    @staticmethod
    def unpacked(data):
        """S16_LE as numbers from -1 to 1."""
        samples = array.array("h")
        samples.frombytes(data)
        return [sample / 32768 for sample in samples]


def tone(frequency, seconds, rate=48000, amplitude=0.5, channels=2):
    """A sine, the same on each channel."""
    return [value for i in range(round(seconds * rate))
            for value in [amplitude * math.sin(2 * math.pi * frequency * i / rate)] * channels]


def amplitude_at(samples, frequency, rate=48000):
    """How strong one frequency is in the samples of one channel: 1 is full scale (Goertzel's algorithm)."""
    factor = 2 * math.cos(2 * math.pi * frequency / rate)
    one, two = 0.0, 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    return 2 * math.sqrt(max(0.0, one * one + two * two - factor * one * two)) / len(samples)
