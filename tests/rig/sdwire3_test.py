# SPDX-License-Identifier: Apache-2.0
"""The driver sdwire and an SDWire3: what it asks of the kernel to switch one, with the udev rules of its page."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from media import OURS, Media  # noqa: E402
from rig import SdWire3, testing  # noqa: E402

PAGE = OURS.parents[1] / "docs/drivers/sdwire.md"
PLACE = "1-2"  # the rig's first


class SdWire3s(Media):
    lab_rule = "\n".join(re.findall(r"^SUBSYSTEM==.*", PAGE.read_text("utf-8"), re.M)).replace("1-1.4", PLACE) + "\n"
    keys = f"sdwire, usb_path: {PLACE}"

    def test_switches_and_writes(self):
        wire = self.plug(SdWire3())
        self.assertEqual((wire.usb_path, wire.position), (PLACE, "host"))
        told, *answers = self.probe(self.keys, "board")
        self.assertIn("of an SDWire3 only that the host let the card go can be seen, and not that the board has it", told)
        self.assertEqual((answers, wire.position), (["board: unverified"], "board"))
        resets = wire.resets
        self.assertEqual(self.probe(self.keys, "board")[-1], "board: unverified")
        self.assertEqual(wire.resets, resets)
        self.assertEqual(self.probe(self.keys, "host", f"write:{self.image}"), ["host: verified", self.written()])
        self.assertEqual(wire.position, "host")
        self.assertEqual(bytes(wire.card[:len(self.padded())]), self.padded())
        self.assertEqual(self.probe(self.keys, "safe")[-1], "safe: done")
        self.assertEqual(wire.position, "board")
        wire.replug()
        self.assertEqual(wire.position, "host")


if __name__ == "__main__":
    testing.main()
