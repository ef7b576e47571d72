# SPDX-License-Identifier: Apache-2.0
"""Which nodes a runner's unit gets: those that the drivers of its device would open, as far as they are plugged in."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import Hub, SdWire, SoundCard, UsbSdMux, UsbStick, testing  # noqa: E402


class Nodes(testing.RigTest):
    def nodes(self, **hardware):
        """What patchbay-runner prints for a device with this hardware."""
        self.rig.write("/tmp/lab.yaml", json.dumps({"devices": [{"name": "board-01", "device_type": "board", "hardware": hardware}]}))
        done = self.rig.run([testing.programs() / "patchbay-runner", "--device-nodes", "/tmp/lab.yaml"])
        self.assertEqual(done.status, 0, done)
        name, *nodes = done.stdout.split()
        self.assertEqual(name, "board-01", done)
        return nodes

    def test_of_a_disk_only_itself(self):
        self.assertEqual(self.nodes(storage={"driver": "usb-storage", "serial_number": "CARD1"}), [])
        stick = self.rig.plug(UsbStick(serial="CARD1"))
        self.rig.plug(UsbStick(serial="CARD2"))
        self.assertEqual(self.nodes(storage={"driver": "usb-storage", "serial_number": "CARD1"}), [stick.node("block")])
        stick.unplug()
        self.assertEqual(self.nodes(storage={"driver": "usb-storage", "serial_number": "CARD1"}), [])
        # Of two alike none is given to anybody.
        for _ in range(2):
            self.rig.plug(UsbStick(serial="TWIN"))
        self.assertEqual(self.nodes(storage={"driver": "usb-storage", "serial_number": "TWIN"}), [])

    def test_of_a_mux_its_control_and_its_disk(self):
        mux = self.rig.plug(UsbSdMux())
        other = self.rig.plug(UsbSdMux(serial="00013"))
        nodes = self.nodes(storage={"driver": "usb-sd-mux", "serial_number": "00012"})
        self.assertEqual(nodes, sorted([mux.node("block"), mux.node("scsi_generic")]))
        self.assertFalse({other.node("block"), other.node("scsi_generic")} & set(nodes))

    def test_of_an_sdwire_its_chip_and_the_disk_of_its_reader(self):
        hub = self.rig.plug(Hub())
        wire = self.rig.plug(SdWire(), port=hub.ports[1])
        keys = {"driver": "sdwire", "serial_number": "sdw-1", "disk": {"serial_number": "CARD9"}}
        self.assertEqual(self.nodes(storage=keys), [wire.usb_node])
        card = self.rig.plug(UsbStick(serial="CARD9"), port=hub.ports[2])
        self.assertEqual(self.nodes(storage=keys), sorted([wire.usb_node, card.node("block")]))

    def test_of_a_sound_card_its_controls_and_its_streams(self):
        self.rig.plug(SoundCard("Rig"))
        number = self.rig.shell("cat /proc/asound/Rig/id; readlink /proc/asound/Rig").split()[-1].removeprefix("card")
        expected = self.rig.shell(f"ls -d /dev/snd/controlC{number} /dev/snd/pcmC{number}D*").split()
        nodes = self.nodes(audio={"driver": "alsa", "card": "Rig", "capture": {"device": 1}})
        self.assertEqual(nodes, sorted(expected))
        self.assertIn(f"/dev/snd/pcmC{number}D1c", nodes)
        self.assertEqual(self.nodes(audio={"driver": "alsa", "card": "Other"}), [])


if __name__ == "__main__":
    testing.main()
