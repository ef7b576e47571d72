# SPDX-License-Identifier: Apache-2.0
"""What the tests of storage drivers share: the driver in a program inside, an image, and the rules of a lab."""

import os
import pathlib
import tempfile

from rig import testing

OURS = pathlib.Path(__file__).resolve().parents[2] / "udev/60-patchbay.rules"


class Media(testing.RigTest):
    # What a lab's owner writes for the disks that a board may have: docs/drivers/usb-storage.md.
    lab_rule = 'SUBSYSTEM=="block", ENV{ID_BUS}=="usb", ENV{ID_SERIAL_SHORT}=="CARD*", GROUP="plugdev", MODE="0660"\n'

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="patchbay-images-")))
        cls.folder.chmod(0o755)
        rule = cls.folder / "90-lab.rules"
        rule.write_text(cls.lab_rule)
        cls.rules = [OURS, rule]
        cls.image = cls.folder / "image.img"
        cls.content = os.urandom((5 << 19) + 700)  # no whole number of blocks, nor of sectors
        cls.image.write_bytes(cls.content)

    @staticmethod
    def command(keys, words):
        return [str(testing.programs().parent / "tests/patchbay-storage-probe"), "driver: " + keys, *words]

    def probe(self, keys, *words, **how):
        """The answers to the words, by one process as a runner's user."""
        done = self.rig.run(self.command(keys, words), **{"user": "daemon", **how})
        self.assertEqual(done.status, 0, done)
        return done.stdout.splitlines()

    def begin(self, keys, *words, until):
        running = self.rig.start(self.command(keys, words), user="daemon")
        running.expect(until)
        return running

    def go_on(self, running):
        running.write(b"\n")
        return running.wait().output

    def written(self):
        return f"write: done {len(self.content)} of {len(self.content)}"

    def padded(self):
        return self.content + bytes(-len(self.content) % 512)

    def plug(self, device, **how):
        self.rig.plug(device, **how)
        self.await_rules(device)
        return device

    def await_rules(self, device):
        """Until the rules have given its nodes to the group."""
        nodes = [device.node(kind) for kind in device.expects]
        self.rig.poll(lambda: set(self.rig.shell("stat -c %G " + " ".join(nodes)).split()) == {"plugdev"}, "the rules did not reach it")

    def replug(self, device):
        """Another program keeps the old nodes open, so that it comes back with other ones."""
        nodes = [device.node(kind) for kind in device.expects]
        for node in nodes:
            self.rig.channel.do("hold_file", name=node, path=node)
        device.unplug()
        device.plug()
        for node in nodes:
            self.rig.channel.do("release", name=node)
            self.assertNotIn(node, [device.node(kind) for kind in device.expects])
        self.await_rules(device)
