# SPDX-License-Identifier: Apache-2.0
"""The driver `alsa` against the kernel's sound: what it measures, and what it says of a card that fails."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import SoundCard, testing  # noqa: E402
from rig.sound import amplitude_at, tone  # noqa: E402

RATE = 48000


def probe(options, action, seconds=1, channels=2, rate=RATE):
    return [testing.programs().parent / "tests/audio_probe", options, action, seconds, channels, rate]


class Audio(testing.RigTest):
    def setUp(self):
        super().setUp()
        self.card = self.rig.plug(SoundCard("Rig"))

    def run_probe(self, *arguments, **more):
        return self.rig.run(probe(*arguments, **more), user="daemon")

    def channels(self, done):
        """(source, frequency, level, glitches) of each channel."""
        self.assertEqual(done.status, 0, done)
        found = re.findall(r"source (-?\d+) frequency (\S+) level (\S+) sinad \S+ glitches (\d+)", done.output)
        return [(int(source), float(frequency), float(level), int(glitches)) for source, frequency, level, glitches in found]

    def assert_is_tone(self, channel, source, frequency):
        self.assertEqual(channel[0], source)
        self.assertAlmostEqual(channel[1], frequency, delta=frequency * 1e-3)
        self.assertAlmostEqual(channel[2], -6.02, delta=0.2)

    def test_what_is_played_is_captured(self):
        for channels, rate in ((2, 48000), (1, 44100), (8, 48000)):
            with self.subTest(channels=channels, rate=rate):
                done = self.run_probe("{card: Rig, capture: {device: 1}}", "loop", channels=channels, rate=rate)
                heard = self.channels(done)
                self.assertEqual(len(heard), channels)
                for index, (channel, frequency) in enumerate(zip(heard, (997, 1153, 1301, 1447, 1571, 1709, 1847, 1987))):
                    self.assert_is_tone(channel, index, frequency)
                # A busy host may let the card wait. Then it is told; without that, nothing may be lost.
                if done.output.count("xruns 0") == 2:
                    self.assertEqual([channel[3] for channel in heard], [0] * channels, done)

    def test_what_is_played_is_heard_by_others(self):
        ear = self.card.listen(10)
        self.assertEqual(self.run_probe("{card: Rig}", "play").status, 0)
        samples = self.card.heard(ear)
        self.assertGreater(amplitude_at(samples[::2], 997), 0.03)
        self.assertGreater(amplitude_at(samples[1::2], 1153), 0.03)

    def test_what_others_play_is_captured(self):
        mouth = self.card.say(tone(1153, 8, amplitude=0.5))
        heard = self.channels(self.run_probe("{card: Rig}", "capture"))
        for channel in heard:
            self.assert_is_tone(channel, 1, 1153)
        mouth.stop()

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
