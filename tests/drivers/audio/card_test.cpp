// SPDX-License-Identifier: Apache-2.0
#include "drivers/audio/card.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;

/// A machine with a built-in card and two equal USB cards, as the kernel shows it.
struct SoundCards : ::testing::Test {
    TemporaryFolder folder;
    fs::path root = folder.path;

    void SetUp() override {
        fs::create_directories(root / "proc/asound");
        fs::create_directories(root / "dev/snd/by-path");
        fs::create_directories(root / "sys/class/sound");
        std::ofstream{root / "proc/asound/cards"}
            << " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
               "                      HDA Intel PCH at 0xf7f10000 irq 31\n"
               " 1 [Device         ]: USB-Audio - USB Audio Device\n"
               "                      C-Media USB Audio Device at usb-0000:00:14.0-1.4, full speed\n"
               " 2 [Device_1       ]: USB-Audio - USB Audio Device\n"
               "                      C-Media USB Audio Device at usb-0000:00:14.0-2, full speed\n";
        add(0, "pci0000:00/0000:00:1f.3");
        add(1, "pci0000:00/0000:00:14.0/usb1/1-1/1-1.4/1-1.4:1.0");
        add(2, "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0");
        for (const auto* usb : {"usb1", "usb1/1-1", "usb1/1-1/1-1.4", "usb1/1-2"}) {
            std::ofstream{root / "sys/devices/pci0000:00/0000:00:14.0" / usb / "idVendor"} << "1d6b\n";
        }
        fs::create_directories(root / "sys/bus/pci");
        fs::create_symlink(root / "sys/bus/pci", root / "sys/devices/pci0000:00/0000:00:14.0/subsystem");
        std::ofstream{root / "dev/snd/controlC2"};
        std::ofstream{root / "dev/snd/pcmC2D0p"};
        fs::create_symlink("../controlC2", root / "dev/snd/by-path/pci-0000:00:14.0-usb-0:2:1.0");
        fs::create_symlink("../pcmC2D0p", root / "dev/snd/by-path/wrong");
    }

    void add(int number, const std::string& device) {
        const auto name = "card" + std::to_string(number);
        const auto card = root / "sys/devices" / device / "sound" / name;
        fs::create_directories(card);
        fs::create_symlink(root / "sys/devices" / device, card / "device");
        fs::create_symlink(card, root / "sys/class/sound" / name);
    }

    std::vector<std::string> found(const CardQuery& query) {
        std::vector<std::string> ids;
        for (const auto& card : find_cards(query, root)) ids.push_back(card.id);
        return ids;
    }
};

using Ids = std::vector<std::string>;

TEST_F(SoundCards, AreListedWithNameAndPlace) {
    const auto cards = list_cards(root);
    ASSERT_EQ(cards.size(), 3u);
    EXPECT_EQ(cards[0].text(), "card PCH (HDA Intel PCH)");
    EXPECT_EQ(cards[1].text(), "card Device (USB Audio Device, usb_path 1-1.4)");
    EXPECT_EQ(cards[2].usb.value().device.path, "1-2");
    EXPECT_FALSE(cards[0].usb);
}

TEST_F(SoundCards, AreFoundByIdNameUsbPathAndLink) {
    EXPECT_EQ(found({"PCH", "", ""}), Ids{"PCH"});
    EXPECT_EQ(found({"HDA Intel PCH", "", ""}), Ids{"PCH"});
    EXPECT_EQ(found({"", "1-1.4", ""}), Ids{"Device"});
    EXPECT_EQ(found({"", "pci-0000:00:14.0-usb-0:1.4", ""}), Ids{"Device"});
    EXPECT_EQ(found({"", "pci-0000:00:14.0-usb-0:1.4:1.0", ""}), Ids{"Device"});
    EXPECT_EQ(found({"", "pci-0000:00:1a.0-usb-0:1.4", ""}), Ids{});
    EXPECT_EQ(found({"", "", "/dev/snd/by-path/pci-0000:00:14.0-usb-0:2:1.0"}), Ids{"Device_1"});
    EXPECT_EQ(found({"", "", "/dev/snd/controlC2"}), Ids{"Device_1"});
}

TEST_F(SoundCards, WhatIsNotThereIsNotFoundAndWhatIsDoubleIsFoundTwice) {
    EXPECT_EQ(found({"USB Audio Device", "", ""}), (Ids{"Device", "Device_1"}));
    EXPECT_EQ(found({"Rig", "", ""}), Ids{});
    EXPECT_EQ(found({"", "1-1", ""}), Ids{}) << "a hub";
    EXPECT_EQ(found({"", "", "/dev/snd/by-path/gone"}), Ids{});
    EXPECT_EQ(found({"", "", "/dev/snd/by-path/wrong"}), Ids{});
    EXPECT_TRUE(list_cards(root / "nowhere").empty());
}

}  // namespace
}  // namespace patchbay::testing
