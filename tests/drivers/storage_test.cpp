// SPDX-License-Identifier: Apache-2.0
// Drivers of media without a disk: what they refuse, which disk they mean, what they send. tests/rig has disks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "core/errors.hpp"
#include "devices/capability/storage.hpp"
#include "drivers/storage/disk.hpp"
#include "drivers/storage/sd_mux_chip.hpp"
#include "tests/support/described.hpp"
#include "tests/support/run.hpp"
#include "tests/support/sim_usb.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The FTDI chip of an SDWire.
struct SimSdWire final : SimUsbDevice {
    std::optional<UsbBytes> control(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                                    const UsbBytes&) override {
        if (type == 0xc0 && request == 0x0c) return UsbBytes{static_cast<std::uint8_t>(sticks ? 0xf0 : pins)};
        if (type != 0x40 || request != 0x0b || value >> 8 != 0x20 || index != 1) return std::nullopt;
        pins = value & 0xff;
        return UsbBytes{};
    }
    int pins = -1;
    bool sticks = false;
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
    disk("1-2", "sdb1", "8:17", "sdb");
    std::ofstream{fs::canonical(tree.root / "sys/class/block/sdb1") / "partition"} << "1\n";
    fs::create_directories(tree.root / "proc/self");
    std::ofstream{tree.root / "proc/self/mountinfo"}
        << "22 28 8:170 / /other rw - ext4 /dev/sdk10 rw\n"
           "36 35 8:17 /sub /media/card rw,noatime master:1 - ext4 /dev/sdb1 rw\n";
    EXPECT_EQ(mounted_at(usb_disks(tree.root).at(0), tree.root), "/media/card (sdb1)");
    EXPECT_THAT(
        failure_of_write("usb-storage, serial_number: A1"),
        HasSubstr("device board: storage: disk sdb at 1-2 (0781:5567 Cruzer) is mounted at /media/card (sdb1), so "
                  "nothing is written; unmount it"));
    EXPECT_EQ(content("sdb"), "what was there");
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
    tree.plug("1-1", {"0424", "2640", "USB 2.0 Hub", "", "09"});
    tree.plug("1-1.1", {"0424", "4050", "Ultra Fast Media Reader", "000000264001"});
    tree.plug("1-1.2", {"04e8", "6001", "sd-wire", "sdw-7"});
    tree.plug("1-2", {"0781", "5567", "Backup", "A1"});
    wire.plug(tree.device_node("1-1.2"));
    disk("1-2", "sdb", "8:16");
    disk("1-1.1", "sdc", "8:32");
    EXPECT_THAT(failure_of_write("sdwire, serial_number: sdw-7"), HasSubstr("disk sdc at 1-1.1 (0424:4050"));
    EXPECT_EQ(content("sdb"), "what was there");

    fs::remove(tree.root / "dev/sdc");
    auto device = described_device("  storage: {driver: sdwire, serial_number: sdw-7}\n", context());
    EXPECT_EQ(run(io, device.need<Storage>().connect(Storage::Side::board)), Switched::verified);
    EXPECT_EQ(wire.pins, 0xf0);
    wire.sticks = true;
    EXPECT_THROW(run(io, device.need<Storage>().connect(Storage::Side::host)), InfrastructureError);
    EXPECT_EQ(wire.pins, 0xf1);
    EXPECT_THROW(run(io, device.need<Storage>().connect(Storage::Side::nobody)), JobError);
    run(io, device.make_safe());
    EXPECT_EQ(wire.pins, 0xf0);
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
