# SPDX-License-Identifier: Apache-2.0
"""The driver `alsa` against the kernel's sound: what it measures, and what it says of a card that fails."""

import math
import pathlib
import random
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import Rig, SoundCard, testing  # noqa: E402
from rig.sound import amplitude_at, tone  # noqa: E402

RATE = 48000
TONES = (997, 1153, 1301, 1447, 1571, 1709, 1847, 1987)  # what channel_tones() plays
LOOP = "{card: Rig, capture: {device: 1}}"  # the card hears itself


def probe(options, action, seconds=1, channels=2, rate=RATE):
    return [testing.programs().parent / "tests/audio_probe", options, action, seconds, channels, rate]


def decibels(ratio):
    return 10 ** (ratio / 20)


def both(samples):
    """The same on two channels."""
    return [sample for sample in samples for _ in range(2)]


class Audio(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = cls.enterClassContext(Rig())
        cls.card = cls.rig.plug(SoundCard("Rig"))

    def run_probe(self, *arguments, **more):
        return self.rig.run(probe(*arguments, **more), user="daemon")

    def channels(self, done):
        """What was measured of each channel."""
        self.assertEqual(done.status, 0, done)
        found = []
        for line in re.findall(r"channel \d+: (source .*)", done.output):
            values = dict(re.findall(r"(\w+) (-?[\d.]+)", line))
            found.append({name: float(value) for name, value in values.items()})
            found[-1]["glitches"] = [tuple(map(int, each)) for each in re.findall(r"(\d+)\+(\d+)", line)]
        return found

    def assert_is_tone(self, channel, source, frequency):
        self.assertEqual(channel["source"], source)
        self.assertAlmostEqual(channel["frequency"], frequency, delta=frequency * 1e-3)
        self.assertAlmostEqual(channel["level"], -6.02, delta=0.2)

    def captured(self, samples):
        """What is measured while these samples of two channels are played into the card, again and again."""
        mouth = self.card.say(samples * 8)
        done = self.run_probe("{card: Rig}", "capture")
        mouth.stop()
        return self.channels(done)

    def test_what_is_played_is_captured(self):
        for channels, rate in ((2, 48000), (1, 44100), (8, 48000)):
            with self.subTest(channels=channels, rate=rate):
                done = self.run_probe(LOOP, "loop", channels=channels, rate=rate)
                heard = self.channels(done)
                self.assertEqual(len(heard), channels)
                for index, channel in enumerate(heard):
                    self.assert_is_tone(channel, index, TONES[index])
                    # Sixteen bits, at half of full scale: 92 dB.
                    self.assertAlmostEqual(channel["snr"], 92, delta=1)
                    self.assertAlmostEqual(channel["thd_n"], -92, delta=1)
                # A busy host may let the card wait. Then it is told; without that, nothing may be lost.
                if done.output.count("xruns 0") == 2:
                    self.assertEqual([channel["glitches"] for channel in heard], [[]] * channels, done)

    def test_a_sweep_tells_the_latency_of_each_channel(self):
        done = self.run_probe(LOOP, "sweep")
        heard = [tuple(map(float, each)) for each in re.findall(r"latency (-?[\d.]+) ms likeness ([\d.]+)\n", done.output)]
        self.assertEqual(len(heard), 2, done)
        self.assertEqual(heard[0], heard[1])
        # The kernel copies from one end to the other at each of its ticks.
        latency, likeness = heard[0]
        self.assertGreater(likeness, 0.99)
        self.assertGreater(latency, -50)
        self.assertLess(latency, 200)

    def test_what_is_played_is_heard_by_others(self):
        ear = self.card.listen(60)
        self.rig.poll(lambda: "RUNNING" in self.rig.shell("cat /proc/asound/Rig/pcm1c/sub0/status"), "arecord does not record")
        self.assertEqual(self.run_probe("{card: Rig}", "play").status, 0)
        ear.signal(2)
        samples = self.card.heard(ear)
        share = RATE / (len(samples) / 2)  # of the time in which it was played
        self.assertAlmostEqual(amplitude_at(samples[::2], 997), 0.5 * share, delta=0.1 * share)
        self.assertAlmostEqual(amplitude_at(samples[1::2], 1153), 0.5 * share, delta=0.1 * share)

    def test_what_others_play_is_captured(self):
        for channel in self.captured(tone(1153, 1)):
            self.assert_is_tone(channel, 1, 1153)

    def test_swapped_channels_are_found(self):
        left, right = tone(997, 1, channels=1), tone(1153, 1, channels=1)
        swapped = [sample for pair in zip(right, left) for sample in pair]
        self.assertEqual([channel["source"] for channel in self.captured(swapped)], [1, 0])

    def test_noise_of_a_known_level_is_measured(self):
        noise = random.Random(1)
        rms = 0.5 / math.sqrt(2) / decibels(40)
        noisy = both(sample + noise.gauss(0, rms) for sample in tone(997, 1, channels=1))
        for channel in self.captured(noisy):
            self.assertAlmostEqual(channel["snr"], 40, delta=1)
            self.assertAlmostEqual(channel["thd_n"], -40, delta=1)
            self.assert_is_tone(channel, 0, 997)

    def test_a_harmonic_is_distortion_and_no_noise(self):
        distorted = [one + two for one, two in zip(tone(997, 1), tone(2 * 997, 1, amplitude=0.5 / decibels(40)))]
        for channel in self.captured(distorted):
            self.assertAlmostEqual(channel["thd_n"], -40, delta=1)
            self.assertGreater(channel["snr"], 80)

    def test_a_drop_out_of_five_milliseconds_is_found(self):
        broken = tone(997, 1)
        broken[2 * 20000:2 * 20240] = [0.0] * 480
        for channel in self.captured(broken):
            lengths = [length for _, length in channel["glitches"]]
            self.assertTrue(any(abs(length - 240) <= 6 for length in lengths), lengths)

    def test_a_clipped_tone_is_found(self):
        for channel in self.captured(tone(997, 1, amplitude=1.2)):
            self.assertGreater(channel["clipped"], 10000)
            self.assertGreater(channel["thd_n"], -25)

    def test_a_card_that_is_unplugged_is_named(self):
        for action in ("capture", "play"):
            with self.subTest(action):
                process = self.rig.start(probe("{card: Rig}", action, seconds=30), user="daemon")
                process.expect("begins")
                self.rig.poll(lambda: "RUNNING" in self.rig.shell("cat /proc/asound/Rig/pcm0*/sub0/status"), "it does not run")
                self.card.unplug()
                self.assertEqual(process.wait().status, 1)
                self.assertIn("device board: audio: card Rig (Loopback)", process.output())
                self.assertIn("it was unplugged: check its cable", process.output())
                self.card.plug()

    def test_a_card_that_comes_back_with_another_number_is_found(self):
        node = self.card.node()
        self.card.unplug()
        self.card.other(True)
        self.addCleanup(self.card.other, False)
        self.card.plug()
        self.assertNotEqual(self.card.node(), node)
        self.assertEqual(self.run_probe("{card: Rig}", "play").status, 0)

    def test_a_card_that_is_not_there_is_told_with_those_that_are(self):
        done = self.run_probe("{usb_path: 1-3}", "play")
        self.assertIn("sound card at usb_path 1-3 is not there: check its cable; there are card Rig (Loopback)", done.output)

    def test_a_card_that_another_program_uses_is_told(self):
        other = self.rig.start(["aplay", "-q", "-D", self.card.pcm, "-t", "raw", "-f", "S16_LE", "-r", RATE, "-c", 2, "/dev/zero"])
        self.rig.poll(lambda: "RUNNING" in self.rig.shell("cat /proc/asound/Rig/pcm0p/sub0/status"), "aplay does not play")
        done = self.run_probe("{card: Rig}", "play")
        self.assertIn("another program uses it", done.output)
        other.stop()

    def test_who_may_not_use_it_is_told_the_group(self):
        done = self.rig.run(probe("{card: Rig}", "play"), user="daemon", groups=())
        self.assertIn("must be in the group audio", done.output)

    def test_a_cancelled_capture_ends_at_once(self):
        process = self.rig.start(probe("{card: Rig}", "capture", seconds=600), user="daemon")
        process.expect("begins")
        process.signal(2)
        self.assertEqual(process.wait().status, 1)
        self.assertIn("cancelled", process.output())

    def test_what_the_card_has_not_is_the_jobs_mistake(self):
        done = self.run_probe("{card: Rig}", "play", channels=2, rate=1000)
        self.assertIn("has no rate of 1000 Hz", done.output)


if __name__ == "__main__":
    testing.main(tools=("aplay", "arecord"))
