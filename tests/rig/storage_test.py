# SPDX-License-Identifier: Apache-2.0
"""The drivers usb-storage, usb-sd-mux and sdwire against the kernel: the good path, and each failure."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from media import Media  # noqa: E402
from rig import Hub, SdWire, UsbSdMux, UsbStick, testing  # noqa: E402


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

    def test_plugged_in_again_with_another_name(self):
        stick = self.plug(UsbStick(serial="CARD1"))
        running = self.rig.start(self.command("usb-storage, serial_number: CARD1", ["host", "wait", f"write:{self.image}"]), user="daemon")
        running.expect("host: verified")
        self.replug(stick)
        self.assertIn(self.written(), self.go_on(running))
        self.assertEqual(stick.read(0, len(self.padded())), self.padded())

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
        mux = self.plug(UsbSdMux())
        positions = []
        mux.on_switch = positions.append
        answers = self.probe(self.keys, "host", f"write:{self.image}", "board", "board", "nobody", "safe")
        self.assertEqual(answers, ["host: verified", self.written(), "board: verified", "board: verified", "nobody: verified", "safe: done"])
        self.assertEqual(bytes(mux.card[:len(self.padded())]), self.padded())
        # The second "board" did not take the card from the board.
        self.assertEqual(positions, ["host", "off", "board", "off", "board"])
        self.assertIn("the medium is with the board; connect it to the host first", self.probe(self.keys, f"write:{self.image}")[0])

    def test_a_cancelled_write_leaves_the_card_with_the_board(self):
        mux = self.plug(UsbSdMux())
        answers = self.probe(self.keys, "host", f"cancel:{self.image}", "safe")
        self.assertEqual(answers, ["host: verified", "cancel: error: cancelled", "safe: done"])
        self.assertEqual(mux.position, "board")
        self.assertEqual(bytes(mux.card[:1 << 20]), self.content[:1 << 20])
        self.assertEqual(bytes(mux.card[1 << 20:2 << 20]), bytes(1 << 20))

    def test_the_state_between_leases_is_the_labs_choice(self):
        mux = self.plug(UsbSdMux())
        for state, position in (("host", "host"), ("nobody", "off"), ("keep", "off"), ("board", "board")):
            self.assertEqual(self.probe(f"{self.keys}, safe_state: {state}", "safe"), ["safe: done"])
            self.assertEqual(mux.position, position)

    def test_a_mounted_card_is_taken_only_to_make_it_safe(self):
        mux = self.plug(UsbSdMux())
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
        mux = self.plug(UsbSdMux())
        self.probe(self.keys, "host")
        mux.stuck = True
        answer = self.probe(self.keys + ", timeout: 2s", "board")[0]
        self.assertRegex(answer, r"board: error: device board: storage: USB-SD-Mux with serial_number 00012 was switched to the board, "
                         r"but disk sd\w+ at \S+ \(0424:4041 usb-sd-mux\) is still there after 2 s: the switch sticks")
        self.assertEqual(mux.position, "host")

    def test_one_that_does_not_answer_or_is_gone_is_named(self):
        mux = self.plug(UsbSdMux())
        mux._i2c = lambda command: (_ for _ in ()).throw(self.refused())
        self.assertRegex(self.probe(self.keys, "host")[0],
                         r"host: error: device board: storage: USB-SD-Mux at \S+ \(0424:4041 usb-sd-mux\) \(sg\d+\): refuses its own command; is it")
        mux.unplug()
        self.assertIn("USB-SD-Mux with serial_number 00012 is not there: is it plugged in", self.probe(self.keys, "host")[0])

    def test_one_that_hangs_is_an_error_and_not_a_wait(self):
        mux = self.plug(UsbSdMux())
        real = mux.bulk_out
        mux.bulk_out = lambda endpoint, data: None if data[:4] == b"USBC" and data[15] == 0xcf else real(endpoint, data)
        self.assertRegex(self.probe(self.keys, "host", timeout=120)[0],
                         r"host: error: device board: storage: USB-SD-Mux at .* \(sg\d+\): (does not answer|.*unplugged)")

    @staticmethod
    def refused():
        from rig.sd_mux import NOT_UNDERSTOOD, CheckCondition
        return CheckCondition(NOT_UNDERSTOOD)

    def test_unplugged_while_it_is_written(self):
        mux = self.plug(UsbSdMux())
        self.probe(self.keys, "host")
        running = self.begin(self.keys, f"pause:{self.image}", "safe", until="writing")
        mux.unplug()
        output = self.go_on(running)
        self.assertIn("(0424:4041 usb-sd-mux): byte 1048576 cannot be written", output)
        self.assertIn("safe: error: device board: storage: USB-SD-Mux with serial_number 00012 is not there", output)

    def test_plugged_in_again_with_other_names(self):
        mux = self.plug(UsbSdMux())
        running = self.rig.start(self.command(self.keys, ["host", "wait", f"write:{self.image}", "board", "safe"]), user="daemon")
        running.expect("host: verified")
        self.replug(mux)
        self.assertEqual(self.go_on(running).splitlines()[2:], [self.written(), "board: verified", "safe: done"])
        self.assertEqual((bytes(mux.card[:len(self.padded())]), mux.position), (self.padded(), "board"))

    def test_without_permission(self):
        mux = self.plug(UsbSdMux())
        node = mux.node("scsi_generic")
        self.assertIn(f"cannot open {node}: Permission denied; give the runner's user the right to it, by Patchbay's udev rules",
                      self.probe(self.keys, "host", groups=())[0])
        self.rig.deny(mux.node("block"))
        answers = self.probe(self.keys, "host")
        self.assertEqual(answers[1], "host: unverified")

    def test_two_alike_are_told_apart_by_their_sockets(self):
        first, second = self.plug(UsbSdMux()), self.plug(UsbSdMux())
        self.assertIn("could be any of these, so none is touched", self.probe(self.keys, "host")[0])
        self.assertEqual(self.probe(f"usb-sd-mux, usb_path: {second.usb_path}", "host"), ["host: verified"])
        self.assertEqual((first.position, second.position), ("off", "host"))
        link = next(link for link in first.links("block") if "by-path" in link)
        self.assertEqual(self.probe(f"usb-sd-mux, link: {link}", "board"), ["board: verified"])
        self.assertEqual((first.position, second.position), ("board", "host"))


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
        self.await_rules(card)

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
