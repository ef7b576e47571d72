// SPDX-License-Identifier: Apache-2.0
// Drivers of media without a disk: what they refuse, which disk they mean, what they send. tests/rig has disks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <functional>

#include "core/errors.hpp"
#include "devices/capability/storage.hpp"
#include "drivers/storage/disk.hpp"
#include "drivers/storage/disk_use.hpp"
#include "drivers/storage/sd_mux_chip.hpp"
#include "tests/support/described.hpp"
#include "tests/support/run.hpp"
#include "tests/support/sim_usb.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The FTDI chip of an SDWire.
struct SimSdWire final : SimUsbDevice {
    std::optional<UsbBytes> control(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                                    const UsbBytes&) override {
        if (type == 0xc0 && request == 0x0c) return UsbBytes{static_cast<std::uint8_t>(sticks ? 0xf0 : pins)};
        if (type != 0x40 || request != 0x0b || value >> 8 != 0x20 || index != 1) return std::nullopt;
        pins = value & 0xff;
        if (on_switch) on_switch();
        return UsbBytes{};
    }
    int pins = -1;
    bool sticks = false;
    std::function<void()> on_switch;
};

/// An SDWire3: a card reader. Its reset gives the card to the host when a driver of the kernel has it, else to the
/// board.
struct SimSdWire3 final : SimUsbDevice {
    std::optional<UsbBytes> control(std::uint8_t, std::uint8_t, std::uint16_t, std::uint16_t,
                                    const UsbBytes&) override {
        return std::nullopt;
    }
    int bind_driver(bool takes) override {
        if (takes && !kernel_has_driver) return 0;
        if (takes == bound) return takes ? -EBUSY : -ENODATA;
        bound = takes;
        on_bind();
        return takes ? 1 : 0;
    }
    void reset() override {
        ++resets;
        card = bound ? Storage::Side::host : Storage::Side::board;
    }
    bool kernel_has_driver = true, bound = true;
    std::function<void()> on_bind;
    int resets = 0;
    Storage::Side card = Storage::Side::host;
};

struct StorageDrivers : ::testing::Test {
    TemporaryFolder folder;
    UsbTree tree{folder.path};
    asio::io_context io;
    std::vector<std::string> told;
    fs::path image = folder.path / "image.img";

    StorageDrivers() { std::ofstream{image} << "an image"; }

    DriverContext context() {
        DriverContext context{io.get_executor(), nullptr, tree.root, tree.root};
        context.root = tree.root;
        context.tell = [this](const std::string& text) { told.push_back(text); };
        return context;
    }
    std::string refusal(const std::string& keys) {
        return refusal_of("  storage: {driver: " + keys + "}\n", context());
    }

    /// A disk of a USB device; its node is a plain file.
    void disk(const std::string& path, const std::string& name, const std::string& number = "8:16",
              const std::string& below = {}) {
        tree.node("class/block", path, 0, "host0/block/" + (below.empty() ? name : below + "/" + name));
        const auto at = fs::canonical(tree.root / "sys/class/block" / name);
        std::ofstream{at / "dev"} << number << '\n';
        std::ofstream{at / "size"} << "2048\n";
        std::ofstream{tree.root / "dev" / name} << "what was there";
    }

    void partition(const std::string& path, const std::string& name, const std::string& number, const std::string& of) {
        disk(path, name, number, of);
        std::ofstream{fs::canonical(tree.root / "sys/class/block" / name) / "partition"} << "1\n";
    }
    void proc(const std::string& name, const std::string& text) {
        fs::create_directories((tree.root / "proc" / name).parent_path());
        std::ofstream{tree.root / "proc" / name} << text;
    }

    /// An SDWire on its own hub, with the disk sdc, which is a plain file and so cannot be asked for its medium.
    void plug_wire(SimSdWire& wire) {
        tree.plug("1-1", {"0424", "2640", "USB 2.0 Hub", "", "09"});
        tree.plug("1-1.1", {"0424", "4050", "Ultra Fast Media Reader", "000000264001"});
        tree.plug("1-1.2", {"04e8", "6001", "sd-wire", "sdw-7"});
        wire.plug(tree.device_node("1-1.2"));
        disk("1-1.1", "sdc", "8:32");
    }
    /// An SDWire3 at 1-4, with the disk sdc while a driver of the kernel has it.
    void plug_wire(SimSdWire3& wire) {
        const auto at = tree.plug("1-4", {"0bda", "0316", "USB3.0-CRW", "20120501030900000"});
        wire.plug(tree.device_node("1-4"));
        const auto driver = at / "1-4:1.0/driver";
        wire.on_bind = [this, &wire, driver] {
            if (wire.bound) {
                disk("1-4", "sdc", "8:32");
                fs::create_directory(driver);
            } else {
                fs::remove(tree.root / "sys/class/block/sdc");
                fs::remove(driver);
            }
        };
        wire.on_bind();
    }
    Device wired(const std::string& keys = {}) {
        return described_device("  storage: {driver: sdwire, serial_number: sdw-7" + keys + "}\n", context());
    }
    Switched give(Device& device, Storage::Side side) { return run(io, device.need<Storage>().connect(side)); }

    std::string failure_of_write(const std::string& keys) {
        auto device = described_device("  storage: {driver: " + keys + "}\n", context());
        try {
            run(io, device.need<Storage>().write_image(image, {}));
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }
    std::string content(const std::string& name) {
        std::ifstream file{tree.root / "dev" / name};
        std::string text;
        std::getline(file, text);
        return text;
    }
};

TEST_F(StorageDrivers, MistakesAreFoundBeforeAnythingIsTouched) {
    for (const auto* driver : {"usb-storage", "usb-sd-mux", "sdwire"})
        EXPECT_THAT(refusal(driver), HasSubstr("hardware.storage.serial_number: missing: name ")) << driver;
    EXPECT_THAT(refusal("usb-storage, link: /dev/sdb"), HasSubstr("is counted anew at each plugging in"));
    EXPECT_THAT(refusal("usb-sd-mux, link: /dev/sg0"), HasSubstr("is counted anew at each plugging in"));
    EXPECT_THAT(refusal("usb-storage, link: card"), HasSubstr("must be a whole path"));
    EXPECT_THAT(refusal("usb-storage, link: /dev/lab, serial_number: A"), HasSubstr("names it alone"));
    EXPECT_THAT(refusal("usb-storage, serial_number: A, max_size: much"), HasSubstr("must be a size, such as 64GB"));
    EXPECT_THAT(refusal("usb-storage, serial_number: A, max_size: 0"), HasSubstr("must be a size"));
    EXPECT_THAT(refusal("usb-storage, serial_number: A, safe_state: board"), HasSubstr("unknown key 'safe_state'"));
    EXPECT_THAT(refusal("usb-sd-mux, serial_number: A, safe_state: off"), HasSubstr("safe_state"));
    EXPECT_THAT(refusal("sdwire, serial_number: A, disk: {}"), HasSubstr("disk.serial_number: missing"));
    EXPECT_THAT(refusal("sdwire, serial_number: A, safe_state: nobody"),
                HasSubstr("hardware.storage.safe_state: must be host, board or keep"));
    EXPECT_EQ(refusal("usb-sd-mux, serial_number: A, safe_state: nobody"), "");
    for (const auto* driver : {"usb-storage", "usb-sd-mux", "sdwire"}) {
        const auto keys = std::string{driver} + ", serial_number: A, timeout: ";
        for (const auto* wrong : {"0s", "601s"}) {
            EXPECT_THAT(refusal(keys + wrong), HasSubstr("storage.timeout: must be from 1s to 10m")) << driver;
        }
        EXPECT_EQ(refusal(keys + "2s"), "") << driver;
    }
    EXPECT_EQ(refusal("usb-storage, serial_number: A, max_size: 64 GiB"), "");
    EXPECT_EQ(refusal("usb-storage, serial_number: A, max_size: 1000000"), "");
    EXPECT_EQ(refusal("usb-sd-mux, link: /dev/disk/by-id/x, safe_state: keep"), "");
    EXPECT_EQ(refusal("sdwire, usb_path: pci-0000:00:14.0-usb-0:1.4, disk: {usb_path: 1-2}, safe_state: host"), "");
}

TEST_F(StorageDrivers, PartitionsAreNoDisksAndALinkMeansOnlyWhatItLeadsTo) {
    tree.plug("1-2", {"0781", "5567", "Cruzer", "A1"});
    disk("1-2", "sdb", "8:16");
    disk("1-2", "sdb1", "8:17", "sdb");
    std::ofstream{fs::canonical(tree.root / "sys/class/block/sdb1") / "partition"} << "1\n";
    fs::create_directories(tree.root / "dev/disk/by-id");
    fs::create_symlink("../../sdb", tree.root / "dev/disk/by-id/usb-A1");
    fs::create_symlink("../../sdb1", tree.root / "dev/disk/by-id/usb-A1-part1");
    const auto names = [&](const DiskQuery& query) {
        std::vector<std::string> found;
        for (const auto& each : find_disks(query, tree.root)) found.push_back(each.usb.name);
        return found;
    };
    EXPECT_THAT(names({"", {.serial_number = "A1"}}), ElementsAre("sdb"));
    EXPECT_THAT(names({"", {.usb_path = "pci-0000:00:14.0-usb-0:2"}}), ElementsAre("sdb"));
    EXPECT_THAT(names({"/dev/disk/by-id/usb-A1", {}}), ElementsAre("sdb"));
    EXPECT_THAT(names({"/dev/disk/by-id/usb-A1-part1", {}}), ElementsAre());
    EXPECT_THAT(names({"/dev/disk/by-id/none", {}}), ElementsAre());
    EXPECT_EQ(usb_disks(tree.root).at(0).size, 1 << 20);
}

TEST_F(StorageDrivers, AMountedDiskOrPartitionIsFoundInTheTableOfMounts) {
    tree.plug("1-2", {"0781", "5567", "Cruzer", "A1"});
    disk("1-2", "sdb", "8:16");
    partition("1-2", "sdb1", "8:17", "sdb");
    proc("self/mountinfo",
         "22 28 8:170 / /other rw - ext4 /dev/sdk10 rw\n"
         "36 35 8:17 /sub /media/card rw,noatime master:1 - ext4 /dev/sdb1 rw\n");
    EXPECT_EQ(use_of(usb_disks(tree.root).at(0), tree.root), "mounted at /media/card (sdb1)");
    EXPECT_THAT(
        failure_of_write("usb-storage, serial_number: A1"),
        HasSubstr("device board: storage: disk sdb at 1-2 (0781:5567 Cruzer) is mounted at /media/card (sdb1), so "
                  "nothing is written; unmount it"));
    EXPECT_EQ(content("sdb"), "what was there");
}

TEST_F(StorageDrivers, AMountBySourceSwapAndHoldersAreUsesToo) {
    tree.plug("1-2", {"0781", "5567", "Cruzer", "A1"});
    disk("1-2", "sdb", "8:16");
    partition("1-2", "sdb1", "8:17", "sdb");
    const auto use = [&] { return use_of(usb_disks(tree.root).at(0), tree.root); };
    proc("self/mountinfo", "22 28 0:30 / /home rw - btrfs /dev/sdb10 rw\n23 28 0:31 / /tmp rw - tmpfs sdb1 rw\n\n");
    proc("swaps", "Filename Type Size Used Priority\n/dev/sdc1 partition 1 0 -2\n/sdb1 file 1 0 -3\n");
    EXPECT_EQ(use(), "");
    // btrfs has a device number of its own; the source may be a link of udev's.
    proc("self/mountinfo", "36 35 0:42 / /srv rw master:1 shared:2 - btrfs /dev/disk/by-uuid/77 rw\n");
    fs::create_directories(tree.root / "dev/disk/by-uuid");
    fs::create_symlink("../../sdb1", tree.root / "dev/disk/by-uuid/77");
    EXPECT_EQ(use(), "mounted at /srv (sdb1)");
    proc("self/mountinfo", "");
    proc("swaps", "Filename Type Size Used Priority\n/dev/sdb1\tpartition 1 0 -2\n");
    EXPECT_EQ(use(), "swap space (sdb1)");
    EXPECT_THAT(failure_of_write("usb-storage, serial_number: A1"), HasSubstr("is swap space (sdb1), so nothing"));
    proc("swaps", "");
    const auto btrfs = tree.root / "sys/fs/btrfs/77/devices";
    fs::create_directories(btrfs);
    fs::create_symlink("/nowhere", btrfs / "sdb1");
    EXPECT_EQ(use(), "part of a mounted btrfs (sdb1)");
    fs::remove(btrfs / "sdb1");
    fs::create_directories(fs::canonical(tree.root / "sys/class/block/sdb1") / "holders/dm-0");
    EXPECT_EQ(use(), "held by dm-0 (sdb1)");
    fs::create_directories(fs::canonical(tree.root / "sys/class/block/sdb") / "holders/md0");
    EXPECT_EQ(use(), "held by md0 (sdb)");
    EXPECT_THAT(failure_of_write("usb-storage, serial_number: A1"), HasSubstr("is held by md0 (sdb), so nothing"));
}

TEST_F(StorageDrivers, WhatIsNoDiskOrSeveralIsNotWritten) {
    tree.plug("1-2", {"0781", "5567", "Cruzer", "A1"});
    disk("1-2", "sdb", "8:16");
    const auto failure = failure_of_write("usb-storage, serial_number: A1");
    EXPECT_THAT(failure, HasSubstr("disk sdb at 1-2 (0781:5567 Cruzer)"));
    EXPECT_EQ(content("sdb"), "what was there") << failure;
    tree.plug("1-3", {"0781", "5567", "Cruzer", "A1"});
    disk("1-3", "sdc", "8:32");
    EXPECT_THAT(
        failure_of_write("usb-storage, serial_number: A1"),
        HasSubstr("could be any of these, so none is touched: disk sdb at 1-2 (0781:5567 Cruzer), serial_number A1, "
                  "disk sdc at 1-3"));
    EXPECT_EQ(content("sdc"), "what was there");
}

TEST_F(StorageDrivers, TheReaderOfAnSdWireIsTheDiskOnItsOwnHubAndNoOther) {
    SimSdWire wire;
    plug_wire(wire);
    tree.plug("1-2", {"0781", "5567", "Backup", "A1"});
    disk("1-2", "sdb", "8:16");
    EXPECT_THAT(failure_of_write("sdwire, serial_number: sdw-7"), HasSubstr("disk sdc at 1-1.1 (0424:4050"));
    EXPECT_EQ(content("sdb"), "what was there");

    wire.on_switch = [&] { fs::remove(tree.root / "sys/class/block/sdc"); };
    auto device = wired();
    EXPECT_EQ(give(device, Storage::Side::board), Switched::verified) << "its disk was there, and went";
    EXPECT_EQ(wire.pins, 0xf0);
    wire.sticks = true;
    EXPECT_THROW(give(device, Storage::Side::host), InfrastructureError);
    EXPECT_EQ(wire.pins, 0xf1);
    EXPECT_THROW(give(device, Storage::Side::nobody), JobError);
    run(io, device.make_safe());
    EXPECT_EQ(wire.pins, 0xf0);
    EXPECT_THAT(told, ElementsAre());
}

TEST_F(StorageDrivers, AnSdWire3IsSwitchedByAResetWithAndWithoutItsDriver) {
    SimSdWire3 wire;
    plug_wire(wire);
    const std::string keys = "sdwire, usb_path: 1-4";
    auto device = described_device("  storage: {driver: " + keys + "}\n", context());
    EXPECT_EQ(give(device, Storage::Side::board), Switched::unverified);
    EXPECT_EQ(wire.card, Storage::Side::board);
    EXPECT_THAT(told, ElementsAre(HasSubstr("SDWire with usb_path 1-4 was switched to the board, but whether the "
                                            "medium came or went is not known: of an SDWire3 only that the host let "
                                            "the card go can be seen")));
    give(device, Storage::Side::board);
    EXPECT_EQ(wire.resets, 1) << "a board that reads its card was interrupted";
    EXPECT_THAT(failure_of_write(keys), HasSubstr("the medium is with the board; connect it to the host first"));
    give(device, Storage::Side::host);
    EXPECT_EQ(wire.card, Storage::Side::host);
    run(io, device.make_safe());
    EXPECT_EQ(wire.card, Storage::Side::board);
    wire.kernel_has_driver = false;
    try {
        give(device, Storage::Side::host);
        ADD_FAILURE() << "no driver took it";
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), HasSubstr("SDWire at 1-4 (0bda:0316 USB3.0-CRW): no driver of the kernel takes it; "
                                            "load its module (usb-storage)"));
    }
    EXPECT_EQ(wire.card, Storage::Side::board);
}

TEST_F(StorageDrivers, WhatCannotBeLookedAtIsNoWitnessOfASwitch) {
    SimSdWire wire;
    plug_wire(wire);
    fs::remove(tree.root / "dev/sdc");
    auto device = wired();
    EXPECT_EQ(give(device, Storage::Side::board), Switched::unverified);
    EXPECT_THAT(told, ElementsAre(AllOf(HasSubstr("was switched to the board, but whether the medium came or went is "
                                                  "not known: disk sdc at 1-1.1"),
                                        HasSubstr(": No such file or directory; look at its cable"))));
    fs::remove(tree.root / "sys/class/block/sdc");
    auto another = wired();
    told.clear();
    EXPECT_EQ(give(another, Storage::Side::board), Switched::unverified) << "nobody saw a disk go";
    EXPECT_THAT(told, ElementsAre(HasSubstr("it has no disk, and had none before; look whether its reader is")));
}

TEST_F(StorageDrivers, AnSdWireWhoseReaderIsNotKnownIsStillMadeSafe) {
    SimSdWire wire;
    tree.plug("1-1", {"05e3", "0608", "USB2.0 Hub", "", "09"});
    tree.plug("1-1.2", {"04e8", "6001", "sd-wire", "sdw-7"});
    wire.plug(tree.device_node("1-1.2"));
    auto device = wired();
    run(io, device.make_safe());
    EXPECT_EQ(wire.pins, 0xf0);
    EXPECT_THAT(told, ElementsAre(AllOf(HasSubstr("not known: SDWire with serial_number sdw-7 at 1-1.2"),
                                        HasSubstr("is not on the hub of an SDWire (0424:2640)"))));
    EXPECT_THROW(give(device, Storage::Side::host), InfrastructureError);

    for (const auto& [path, name] : {std::pair{"1-2", "sdb"}, std::pair{"1-3", "sdc"}}) {
        tree.plug(path, {"0781", "5567", "Cruzer", "TWIN"});
        disk(path, name, name == std::string{"sdb"} ? "8:16" : "8:32");
    }
    auto ambiguous = wired(", disk: {serial_number: TWIN}");
    told.clear();
    EXPECT_EQ(give(ambiguous, Storage::Side::board), Switched::unverified);
    EXPECT_EQ(wire.pins, 0xf0);
    EXPECT_THAT(told, ElementsAre(HasSubstr("could be any of these, so none is touched: disk sdb")));
}

TEST_F(StorageDrivers, AMountedCardIsTakenFromTheHostOnlyToMakeItSafe) {
    SimSdWire wire;
    plug_wire(wire);
    proc("self/mountinfo", "36 35 8:32 / /media/card rw - vfat /dev/sdc rw\n");
    wire.on_switch = [&] { fs::remove(tree.root / "sys/class/block/sdc"); };
    auto device = wired();
    try {
        give(device, Storage::Side::board);
        ADD_FAILURE() << "it was taken";
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), HasSubstr("disk sdc at 1-1.1 (0424:4050 Ultra Fast Media Reader) is mounted at "
                                            "/media/card (sdc), so it is not taken from the host; unmount it"));
    }
    EXPECT_THROW(give(device, Storage::Side::nobody), JobError);
    EXPECT_EQ(wire.pins, -1);
    run(io, device.make_safe());
    EXPECT_EQ(wire.pins, 0xf0);
    EXPECT_THAT(told,
                ElementsAre(HasSubstr("is mounted at /media/card (sdc), and is taken from the host all the same")));
}

// -- the bytes of a USB-SD-Mux

TEST(SdMuxChip, CommandsAreThoseOfItsBridge) {
    EXPECT_EQ(i2c_write_command(0x41, 2), (ScsiCommand{0xcf, 0x23, 0x82, 0, 0, 2}));
    EXPECT_EQ(i2c_read_command(0x20, 3, 1), (ScsiCommand{0xcf, 0x22, 0x40, 0x41, 0, 1, 1, 3}));
}

TEST(SdMuxChip, BothModelsSayWhoHasTheCard) {
    const auto* classic = find_sd_mux_model("sdmux HS-SD/MMC ");
    const auto* fast = find_sd_mux_model("sdFST HS-SD/MMC ");
    ASSERT_TRUE(classic && fast);
    EXPECT_EQ(find_sd_mux_model("HS-SD/MMC"), nullptr);
    EXPECT_EQ(classic->address, 0x41);
    EXPECT_EQ(fast->address, 0x20);
    EXPECT_EQ(sd_mux_side(*classic, 0b0000), Storage::Side::host);
    EXPECT_EQ(sd_mux_side(*classic, 0b1100), Storage::Side::board);
    EXPECT_EQ(sd_mux_side(*classic, 0b0011), Storage::Side::nobody);
    EXPECT_EQ(sd_mux_side(*fast, 0b0000), Storage::Side::host);
    EXPECT_EQ(sd_mux_side(*fast, 0b1001), Storage::Side::board);
    EXPECT_EQ(sd_mux_side(*fast, 0b0110), Storage::Side::nobody);
}

}  // namespace
}  // namespace patchbay::testing
