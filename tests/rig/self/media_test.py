# SPDX-License-Identifier: Apache-2.0
"""Each emulated stick, SD multiplexer and sound card passes what it is given, and fails as it is told."""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from rig import SdWire, SoundCard, UsbSdMux, UsbStick, amplitude_at, tone, testing  # noqa: E402


class Media(testing.RigTest):
    def test_usb_stick(self):
        stick = self.rig.plug(UsbStick(serial="STICK7", bad_sector=2048))
        self.assertTrue([link for link in stick.links() if "by-id" in link and "STICK7" in link], stick.links())
        write = f"dd of={stick.node()} oflag=direct conv=sync bs=512 seek="
        self.rig.shell(f"printf hello | {write}8")
        self.assertEqual(stick.read(8 * 512, 6), b"hello\0")
        self.assertIn("Input/output error", self.rig.run(["sh", "-c", f"printf x | {write}2048"]).output)
        stick.unplug()
        stick.write(0, b"other")
        stick.plug()
        self.assertEqual(self.rig.shell(f"head -c 5 {stick.node()}"), "other")

    def test_usb_sd_mux(self):
        mux = self.rig.plug(UsbSdMux())
        positions = []
        mux.on_switch = positions.append
        def switch(to):
            self.rig.shell(f"usbsdmux {mux.node()} {to}")
        switch("host")
        disk = mux.node("block")
        self.rig.shell(f"printf hello | dd of={disk} oflag=direct conv=sync bs=512 seek=8")
        self.assertEqual(mux.card[8 * 512:8 * 512 + 6], b"hello\0")
        switch("dut")
        self.assertEqual((mux.position, positions), ("board", ["host", "off", "board"]))
        self.assertNotEqual(self.rig.run(["dd", f"if={disk}", "of=/dev/null", "count=1"]).status, 0)
        mux.stuck = True
        switch("host")
        self.assertEqual(mux.position, "board")
        self.assertEqual(self.rig.shell(f"usbsdmux {mux.node()} get"), "host\n")  # which is why a driver looks for the medium
        self.comes_back(mux)

    def test_sd_wire(self):
        switch = self.rig.plug(SdWire())
        # struct usbdevfs_ctrltransfer, USBDEVFS_CONTROL
        script = "import fcntl, struct, sys; fcntl.ioctl(open(sys.argv[1], 'wb'), 0xc0185500, " \
            "struct.pack('BBHHHIQ', 0x40, 0x0b, 0x2000 | int(sys.argv[2], 16), 1, 0, 1000, 0))"
        def set_pins(pins):
            self.rig.run(["/usr/bin/python3", "-c", script, switch.usb_node, pins], check=True)
        set_pins("f1")
        self.assertEqual(switch.position, "host")
        switch.stuck = True
        set_pins("f0")
        self.assertEqual(switch.position, "host")

    def test_sound_card(self):
        card = self.rig.plug(SoundCard("Lab"))
        def first_sound(samples):
            """50 ms from the first sound on: a busy machine may interrupt what follows."""
            begin = next(i for i, sample in enumerate(samples) if sample)
            return samples[begin:begin + 2400]
        def player():
            play = self.rig.start(["aplay", "-D", card.pcm, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2"])
            play.write(card.packed(tone(1000, seconds=1.5)))
            play.expect("Playing")
            return play
        recorder = card.listen(seconds=1)
        play = player()
        heard = first_sound(card.heard(recorder)[::2])
        self.assertAlmostEqual(amplitude_at(heard, 1000), 0.5, places=2)
        self.assertLess(amplitude_at(heard, 1500), 0.01)
        play.signal(signal.SIGKILL)  # asked to end, aplay first plays what it has, and waits for more

        voice = card.say(tone(440, seconds=1.5))
        record = self.rig.run(["arecord", "-q", "-D", card.pcm, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2", "-d", "1"])
        self.assertAlmostEqual(amplitude_at(first_sound(card.unpacked(record.stdout_bytes)[::2]), 440), 0.5, places=2)
        voice.wait()

        play = player()
        card.unplug()
        self.assertRegex(play.wait().output, "No such device|File descriptor in bad state")  # as it was writing or waiting
        self.assertEqual(self.rig.run(["test", "-e", "/dev/snd/pcmC0D0p"]).status, 1)
        card.plug()
        player().signal(signal.SIGKILL)


if __name__ == "__main__":
    testing.main(tools=("usbsdmux", "aplay"))
