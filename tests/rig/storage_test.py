# SPDX-License-Identifier: Apache-2.0
"""The drivers usb-storage, usb-sd-mux and sdwire against the kernel: the good path, and each failure."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rig import Hub, SdWire, UsbSdMux, UsbStick, testing  # noqa: E402

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
        """Until the lab's rule has given it to the group."""
        self.rig.plug(device, **how)
        self.rig.poll(lambda: "plugdev" in self.rig.shell(f"stat -c %G {device.node('block')}"), "the rule did not reach the disk")
        return device

    def plug_mux(self):
        """Until Patchbay's rules have given both of its nodes to the group."""
        mux = self.rig.plug(UsbSdMux())
        self.rig.poll(lambda: self.rig.shell(f"stat -c %G {mux.node('scsi_generic')} {mux.node('block')}").split() == ["plugdev"] * 2,
                      "the rules did not reach the mux")
        return mux


class Sticks(Media):
    def test_only_the_disk_that_is_named_is_written_and_reads_back(self):
        other, stick = self.plug(UsbStick(serial="CARD1")), self.plug(UsbStick(serial="CARD2"))
        keys = "usb-storage, serial_number: CARD2"
        self.assertEqual(self.probe(keys, "host", f"write:{self.image}", "safe"), ["host: verified", self.written(), "safe: done"])
        self.assertEqual(stick.read(0, len(self.padded()) + 512), self.padded() + bytes(512))
        self.assertEqual(other.read(0, len(self.content)), bytes(len(self.content)))
        small = self.folder / "six.img"  # a name of its own: what the machine has read it does not read again
        small.write_bytes(b"second")
        link = next(link for link in stick.links() if "by-id" in link)
        for keys in (f"usb-storage, usb_path: {stick.usb_path}", f"usb-storage, link: {link}"):
            self.assertEqual(self.probe(keys, f"write:{small}"), ["write: done 6 of 6"])
        self.assertEqual(stick.read(0, 1024), b"second" + bytes(506) + self.content[512:1024])
        self.assertEqual(other.read(0, len(self.content)), bytes(len(self.content)))

    def test_of_two_with_one_serial_number_none_is_touched(self):
        twins = [self.plug(UsbStick(serial="CARD1")) for _ in range(2)]
        answers = self.probe("usb-storage, serial_number: CARD1", "host", f"write:{self.image}")
        for answer in answers:
            self.assertIn("device board: storage: the disk of USB disk with serial_number CARD1 could be any of these, so none is touched", answer)
            for twin in twins:
                self.assertIn(f"at {twin.usb_path} (46f4:0001", answer)
        for twin in twins:
            self.assertEqual(twin.read(0, 4096), bytes(4096))

    def test_a_disk_that_is_not_there_is_said_with_those_that_are(self):
        stick = self.plug(UsbStick(serial="CARD1"))
        answer = self.probe("usb-storage, serial_number: OTHER", f"write:{self.image}")[0]
        self.assertIn("USB disk with serial_number OTHER: no disk appeared", answer)
        self.assertIn(f"Attached are: disk {pathlib.Path(stick.node()).name} at {stick.usb_path}", answer)
        self.assertEqual(stick.read(0, 4096), bytes(4096))

    def test_a_disk_in_use_is_not_written(self):
        stick = self.plug(UsbStick(serial="CARD1"))
        node = stick.node()
        self.rig.shell(f"mkfs.ext2 -q {node}; mkdir -p /tmp/card; mount {node} /tmp/card")
        keys = "usb-storage, serial_number: CARD1"
        self.assertIn("is mounted at /tmp/card (sd", self.probe(keys, f"write:{self.image}")[0])
        # In a mount namespace that the probe does not see, only the kernel knows.
        self.rig.shell("umount /tmp/card")
        holder = self.rig.start(["unshare", "-m", "sh", "-c", f"mount {node} /tmp/card; echo mounted; read line; umount /tmp/card"])
        holder.expect("mounted")
        self.assertIn("Device or resource busy; it is in use: unmount it", self.probe(keys, f"write:{self.image}")[0])
        self.go_on(holder)
        self.assertEqual(stick.read(0x438, 2), b"\x53\xef")  # still a file system
        self.rig.shell(f"mkswap {node}; swapon {node}")
        self.assertIn("is swap space (sd", self.probe(keys, f"write:{self.image}")[0])
        self.rig.shell("swapoff -a")
        self.assertEqual(self.probe(keys, f"write:{self.image}"), [self.written()])

    def test_a_partition_is_no_disk(self):
        stick = self.plug(UsbStick(serial="CARD1"))
        node = stick.node()
        self.rig.shell(f"echo 'start=2048,size=4096' | sfdisk -q {node}; udevadm settle || true")
        self.rig.poll(lambda: self.rig.run(["test", "-e", node + "1"]).status == 0, "there is no partition")
        self.rig.shell(f"ln -s {node}1 /dev/lab-card")
        before = stick.read(0, 512)
        self.assertIn("no disk appeared", self.probe("usb-storage, link: /dev/lab-card", f"write:{self.image}")[0])
        self.assertEqual(stick.read(0, 512), before)

    def test_too_large_too_small_empty_and_read_only(self):
        stick = self.plug(UsbStick(serial="CARD1", size=2 << 20))
        keys = "usb-storage, serial_number: CARD1"
        self.assertIn("take a smaller image, or a larger medium", self.probe(keys, f"write:{self.image}")[0])
        small, empty = self.folder / "small.img", self.folder / "empty.img"
        small.write_bytes(b"x" * 5000)
        empty.write_bytes(b"")
        self.assertIn("empty.img is empty", self.probe(keys, f"write:{empty}")[0])
        self.assertIn("more than max_size (1000000 bytes): it is another one than is meant",
                      self.probe(keys + ", max_size: 1MB", f"write:{small}")[0])
        self.rig.shell(f"blockdev --setro {stick.node()}")
        self.assertIn("it is write-protected", self.probe(keys, f"write:{small}")[0])
        self.assertEqual(stick.read(0, 8192), bytes(8192))
        self.rig.shell(f"blockdev --setrw {stick.node()}")
        self.assertEqual(self.probe(keys + ", max_size: 2MiB", f"write:{small}"), ["write: done 5000 of 5000"])

    def test_unplugged_while_it_is_written_and_worn_out(self):
        stick = self.plug(UsbStick(serial="CARD1"))
        running = self.begin("usb-storage, serial_number: CARD1", f"pause:{self.image}", until="writing")
        place = f"at {stick.usb_path} (46f4:0001"
        stick.unplug()
        output = self.go_on(running)
        self.assertRegex(output, r"pause: error: device board: storage: disk sd\w+ at .*: byte 1048576 cannot be written: .*; it was unplugged")
        self.assertIn(place, output)
        bad = self.plug(UsbStick(serial="CARD3", bad_sector=100))
        self.assertIn("byte 0 cannot be written: Input/output error; it was unplugged, or the medium is worn out",
                      self.probe("usb-storage, serial_number: CARD3", f"write:{self.image}")[0])
        self.assertNotEqual(bad.usb_path, "")

    def test_without_permission(self):
        stick = self.plug(UsbStick(serial="CARD1"))
        keys = "usb-storage, serial_number: CARD1"
        answers = self.probe(keys, "host", f"write:{self.image}", groups=())
        self.assertEqual(answers[1], "host: unverified")
        self.assertRegex(answers[0], r"was switched to the host, but whether the medium came or went is not known: disk sd\w+ at .*: "
                         r"Permission denied; give the runner's user the right to it by a udev rule")
        self.assertIn(f"cannot open {stick.node()}: Permission denied; give the runner's user the right to this disk by a udev rule", answers[2])

    def test_it_has_no_other_side(self):
        self.plug(UsbStick(serial="CARD1"))
        self.assertIn("has no switch, so it stays with the host", self.probe("usb-storage, serial_number: CARD1", "board")[0])


class SdMuxes(Media):
    keys = 'usb-sd-mux, serial_number: "00012"'

    def test_switches_writes_and_is_made_safe(self):
        mux = self.plug_mux()
        positions = []
        mux.on_switch = positions.append
        answers = self.probe(self.keys, "host", f"write:{self.image}", "board", "board", "nobody", "safe")
        self.assertEqual(answers, ["host: verified", self.written(), "board: verified", "board: verified", "nobody: verified", "safe: done"])
        self.assertEqual(bytes(mux.card[:len(self.padded())]), self.padded())
        # The second "board" did not take the card from the board.
        self.assertEqual(positions, ["host", "off", "board", "off", "board"])
        self.assertIn("the medium is with the board; connect it to the host first", self.probe(self.keys, f"write:{self.image}")[0])

    def test_a_cancelled_write_leaves_the_card_with_the_board(self):
        mux = self.plug_mux()
        answers = self.probe(self.keys, "host", f"cancel:{self.image}", "safe")
        self.assertEqual(answers, ["host: verified", "cancel: error: cancelled", "safe: done"])
        self.assertEqual(mux.position, "board")
        self.assertEqual(bytes(mux.card[:1 << 20]), self.content[:1 << 20])
        self.assertEqual(bytes(mux.card[1 << 20:2 << 20]), bytes(1 << 20))

    def test_the_state_between_leases_is_the_labs_choice(self):
        mux = self.plug_mux()
        for state, position in (("host", "host"), ("nobody", "off"), ("keep", "off"), ("board", "board")):
            self.assertEqual(self.probe(f"{self.keys}, safe_state: {state}", "safe"), ["safe: done"])
            self.assertEqual(mux.position, position)

    def test_a_mounted_card_is_taken_only_to_make_it_safe(self):
        mux = self.plug_mux()
        self.probe(self.keys, "host")
        node = mux.node("block")
        self.rig.shell(f"mkfs.ext2 -q {node}; mkdir -p /tmp/card; mount {node} /tmp/card")
        for word in ("board", "nobody"):
            self.assertRegex(self.probe(self.keys, word)[0],
                             r"error: device board: storage: disk sd\w+ at .* is mounted at /tmp/card \(sd\w+\), so it is not taken "
                             "from the host; unmount it")
            self.assertEqual(mux.position, "host")
        answers = self.probe(self.keys, "safe")
        self.assertRegex(answers[0], "told: .* is mounted at /tmp/card .* taken from the host all the same")
        self.assertEqual((answers[1:], mux.position), (["safe: done"], "board"))
        # What is mounted still is no card that the host has.
        self.assertEqual(self.probe(self.keys, "board"), ["board: verified"])
        self.rig.shell("umount /tmp/card")

    def test_one_that_sticks_is_found_by_its_disk(self):
        mux = self.plug_mux()
        self.probe(self.keys, "host")
        mux.stuck = True
        answer = self.probe(self.keys + ", timeout: 2s", "board")[0]
        self.assertRegex(answer, r"board: error: device board: storage: USB-SD-Mux with serial_number 00012 was switched to the board, "
                         r"but disk sd\w+ at \S+ \(0424:4041 usb-sd-mux\) is still there after 2 s: the switch sticks")
        self.assertEqual(mux.position, "host")

    def test_one_that_does_not_answer_or_is_gone_is_named(self):
        mux = self.plug_mux()
        mux._i2c = lambda command: (_ for _ in ()).throw(self.refused())
        self.assertRegex(self.probe(self.keys, "host")[0],
                         r"host: error: device board: storage: USB-SD-Mux at \S+ \(0424:4041 usb-sd-mux\) \(sg\d+\): refuses its own command; is it")
        mux.unplug()
        self.assertIn("USB-SD-Mux with serial_number 00012 is not there: is it plugged in", self.probe(self.keys, "host")[0])

    def test_one_that_hangs_is_an_error_and_not_a_wait(self):
        mux = self.plug_mux()
        real = mux.bulk_out
        mux.bulk_out = lambda endpoint, data: None if data[:4] == b"USBC" and data[15] == 0xcf else real(endpoint, data)
        self.assertRegex(self.probe(self.keys, "host", timeout=120)[0],
                         r"host: error: device board: storage: USB-SD-Mux at .* \(sg\d+\): (does not answer|.*unplugged)")

    @staticmethod
    def refused():
        from rig.sd_mux import NOT_UNDERSTOOD, CheckCondition
        return CheckCondition(NOT_UNDERSTOOD)

    def test_unplugged_while_it_is_written(self):
        mux = self.plug_mux()
        self.probe(self.keys, "host")
        running = self.begin(self.keys, f"pause:{self.image}", "safe", until="writing")
        mux.unplug()
        output = self.go_on(running)
        self.assertIn("(0424:4041 usb-sd-mux): byte 1048576 cannot be written", output)
        self.assertIn("safe: error: device board: storage: USB-SD-Mux with serial_number 00012 is not there", output)

    def test_without_permission(self):
        mux = self.plug_mux()
        node = mux.node("scsi_generic")
        self.assertIn(f"cannot open {node}: Permission denied; give the runner's user the right to it, by Patchbay's udev rules",
                      self.probe(self.keys, "host", groups=())[0])
        self.rig.deny(mux.node("block"))
        answers = self.probe(self.keys, "host")
        self.assertEqual(answers[1], "host: unverified")

    def test_two_alike_are_told_apart_by_their_sockets(self):
        first, second = self.plug_mux(), self.plug_mux()
        self.assertIn("could be any of these, so none is touched", self.probe(self.keys, "host")[0])
        self.assertEqual(self.probe(f"usb-sd-mux, usb_path: {second.usb_path}", "host"), ["host: verified"])
        self.assertEqual((first.position, second.position), ("off", "host"))
        link = next(link for link in first.links("block") if "by-path" in link)
        self.assertEqual(self.probe(f"usb-sd-mux, link: {link}", "board"), ["board: verified"])
        self.assertEqual((first.position, second.position), ("board", "host"))


class Leases(Media):
    """The whole way: a person leases the device, and the card is the board's again however that ends."""

    LAB = """listen: 127.0.0.1:8080
state_dir: /tmp/state
devices:
- name: board-01
  device_type: board
  hardware: {storage: {driver: usb-sd-mux, serial_number: "00012"}}
device_types: {board: {disable_health_check: true}}
"""

    def setUp(self):
        super().setUp()
        self.mux = self.plug_mux()
        self.rig.write("/tmp/lab.yaml", self.LAB)
        self.rig.shell("mkdir -m 700 /tmp/state /tmp/home; chown daemon /tmp/state /tmp/home; ip link set lo up")
        self.do("patchbayd", "user", "add", "alice", "--superuser", "--config", "/tmp/lab.yaml")
        token = self.do("patchbayd", "token", "add", "alice", "--config", "/tmp/lab.yaml").split()[-1]
        self.environment = {"PATCHBAY_TOKEN": token, "PATCHBAY_SERVER": "http://127.0.0.1:8080", "HOME": "/tmp/home"}
        self.daemon = self.rig.start([testing.programs() / "patchbayd", "serve", "--config", "/tmp/lab.yaml"], user="daemon")
        self.rig.poll(lambda: self.rig.run([testing.programs() / "patchbay", "devices"], env=self.environment).status == 0,
                      lambda: "patchbayd says " + self.daemon.output())

    def _clear(self):
        """Each has a machine of its own, with a daemon and its leases."""
        self.tearDownClass()

    def do(self, program, *words, status=0, env=None):
        done = self.rig.run([testing.programs() / program, *words], user="daemon", env=env, timeout=120)
        self.assertEqual(done.status, status, done)
        return done.output

    def patchbay(self, *words, status=0):
        return self.do("patchbay", *words, status=status, env=self.environment)

    def test_storage_within_a_lease(self):
        self.patchbay("acquire", "board-01", "--time", "10m", "--wait")
        self.assertIn("the medium is with the host", self.patchbay("storage", "host"))
        self.assertEqual(self.mux.position, "host")
        self.assertIn("reads back the same", self.patchbay("storage", "write", str(self.image)))
        self.assertEqual(bytes(self.mux.card[:len(self.padded())]), self.padded())
        self.patchbay("release", "board-01")
        self.rig.poll(lambda: self.mux.position == "board", "the lease is over, and the card is not the board's")

    def test_a_killed_runner_leaves_the_card_to_the_next(self):
        self.patchbay("acquire", "board-01", "--time", "10m", "--wait")
        self.patchbay("storage", "host")
        self.rig.shell("kill -9 $(pgrep -f 'patchbay-runner.*--leas[e]')")
        self.rig.poll(lambda: self.mux.position == "board", "the runner is gone, and the card is not the board's")


class SdWires(Media):
    """The card in its reader is a stick that comes and goes with the switch."""

    keys = "sdwire, serial_number: sdw-1, disk: {serial_number: CARD9}"

    def plug_wire(self):
        hub = self.rig.plug(Hub())
        wire, card = self.rig.plug(SdWire(), port=hub.ports[1]), self.plug(UsbStick(serial="CARD9"), port=hub.ports[2])
        card.unplug()
        wire.moves = []
        wire.on_switch = wire.moves.append
        return wire, card

    def switch(self, wire, word, then):
        """The card follows the switch, from outside."""
        running = self.rig.start(self.command(self.keys, [word]), user="daemon")
        self.rig.poll(lambda: wire.moves, "it was not switched")
        then()
        wire.moves.clear()
        return running.wait().output.splitlines()

    def test_switches_and_writes(self):
        wire, card = self.plug_wire()
        self.assertEqual(self.switch(wire, "host", lambda: self.plug_again(card)), ["host: verified"])
        self.assertEqual(wire.position, "host")
        self.assertEqual(self.probe(self.keys, f"write:{self.image}"), [self.written()])
        self.assertEqual(card.read(0, len(self.padded())), self.padded())
        self.assertEqual(self.switch(wire, "safe", card.unplug), ["safe: done"])
        self.assertEqual(wire.position, "board")
        self.assertIn("knows only host and board", self.probe(self.keys, "nobody")[0])

    def plug_again(self, card):
        card.plug()
        self.rig.poll(lambda: "plugdev" in self.rig.shell(f"stat -c %G {card.node('block')}"), "the rule did not reach the disk")

    def test_a_reader_that_nobody_named_is_not_guessed(self):
        wire, card = self.plug_wire()
        self.plug_again(card)
        answer = self.probe("sdwire, serial_number: sdw-1", f"write:{self.image}")[0]
        self.assertIn("is not on the hub of an SDWire (0424:2640)", answer)
        self.assertIn("disk: {serial_number: …}", answer)
        self.assertEqual(card.read(0, 4096), bytes(4096))
        wire.position = "host"
        answers = self.probe("sdwire, serial_number: sdw-1", "safe")
        self.assertIn("whether the medium came or went is not known", answers[0])
        self.assertEqual((answers[1:], wire.position), (["safe: done"], "board"))

    def test_a_card_that_nobody_saw_is_no_witness(self):
        self.plug_wire()
        answers = self.probe(self.keys, "board")
        self.assertIn("it has no disk, and had none before", answers[0])
        self.assertEqual(answers[1:], ["board: unverified"])

    def test_without_permission_or_unplugged(self):
        wire, card = self.plug_wire()
        self.assertRegex(self.probe(self.keys, "host", groups=())[0],
                         r"host: error: device board: storage: SDWire at \S+ \(04e8:6001 sd-wire\): cannot open /dev/bus/usb/.*: Permission denied")
        wire.unplug()
        self.assertIn("device board: storage: SDWire with serial_number sdw-1 is not there", self.probe(self.keys, "host")[0])


if __name__ == "__main__":
    testing.main()
