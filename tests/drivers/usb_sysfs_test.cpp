// SPDX-License-Identifier: Apache-2.0
// Which adapter a description means, on trees as the kernel shows them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "drivers/usb/identity.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct UsbSysfs : ::testing::Test {
    TemporaryFolder folder;
    UsbTree tree{folder.path};

    UsbSysfs() {
        tree.plug("1-1", {"0409", "55aa", "USB Hub", "HUB1", "09"});
        tree.plug("1-1.4", {"0403", "6011", "Quad RS232-HS", "FT4XYZ12"});
        tree.plug("1-2", {"1a86", "7523", "USB Serial"});
        for (const auto* name : {"ttyUSB0", "ttyUSB1"})
            tree.node("class/tty", "1-1.4", name[6] - '0', std::string{name} + "/tty/" + name);
        tree.node("class/tty", "1-2", 0, "ttyUSB2/tty/ttyUSB2");
    }

    std::string port(const UsbIdentity& wanted) {
        return only_usb_node(usb_nodes("class/tty", tree.root), wanted, "device board: console: serial port").name;
    }
    std::string refusal(const UsbIdentity& wanted) {
        try {
            port(wanted);
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(UsbSysfs, DevicesAreListedWithWhatTheySayOfThemselves) {
    std::vector<std::string> texts;
    for (const auto& device : usb_devices(tree.root)) texts.push_back(device.text());
    EXPECT_THAT(texts,
                ElementsAre("1-1 (0409:55aa USB Hub)", "1-1.4 (0403:6011 Quad RS232-HS)", "1-2 (1a86:7523 USB Serial)",
                            "usb1 (1d6b:0002 xHCI Host Controller)", "usb2 (1d6b:0003 xHCI Host Controller)"));
    const auto hub = usb_devices(tree.root).front();
    EXPECT_EQ(hub.serial_number, "HUB1");
    EXPECT_EQ(hub.device_class, 9U);
    EXPECT_EQ(hub.controller, "pci-0000:00:14.0");
    EXPECT_EQ(hub.node, tree.device_node("1-1"));
}

TEST_F(UsbSysfs, APortIsFoundByItsPathHoweverThatIsWritten) {
    EXPECT_EQ(port({"1-2", "", {}}), "ttyUSB2");
    EXPECT_EQ(port({"1-2:1.0", "", {}}), "ttyUSB2");
    EXPECT_EQ(port({"pci-0000:00:14.0-usb-0:2", "", {}}), "ttyUSB2");
    EXPECT_EQ(port({"platform-fd500000.pcie-pci-0000:00:14.0-usb-0:2:1.0", "", {}}), "ttyUSB2");
    EXPECT_EQ(port({"1-1.4", "", 1}), "ttyUSB1");
    EXPECT_EQ(port({"pci-0000:00:14.0-usb-0:1.4:1.0", "", 0}), "ttyUSB0");
    EXPECT_EQ(port({"pci-0000:00:14.0-usb-0:1.4:1.1", "", {}}), "ttyUSB1");
    EXPECT_EQ(port({"1-1.4:1.1", "", {}}), "ttyUSB1");
    EXPECT_EQ(port({"pci-0000:00:14.0-usbv2-0:2", "", {}}), "ttyUSB2");
    EXPECT_THAT(refusal({"pci-0000:00:14.0-usbv3-0:2", "", {}}), HasSubstr("is not there"));
}

TEST_F(UsbSysfs, OnlyAPathIsTakenForOne) {
    const auto problem = [](const std::string& path, UsbRootHubs root_hubs = UsbRootHubs::no) {
        config::Problems problems{"f"};
        const auto value = config::parse_yaml("usb_path: '" + path + "'");
        config::MapReader reader{value, "", problems};
        EXPECT_EQ(read_usb_path(reader, "usb_path", root_hubs), path);
        return !problems.empty();
    };
    for (const auto* good :
         {"1-1", "12-3.4.10", "1-1.4:1.0", "pci-0000:00:14.0-usb-0:1.4", "pci-0000:00:14.0-usb-0:1.4:1.12",
          "pci-0000:00:14.0-usbv3-0:2", "platform-fd500000.usb-usb-0:1", "platform-usb-hub-usb-0:1.2:1.0"})
        EXPECT_FALSE(problem(good)) << good;
    for (const auto* bad : {"1", "1-", "-1", "1-1.", "1-1..4", "usb1", "1-1.4:", "1-1.4:1", "1-1.4:x.0",
                            "pci-0000:00:14.0", "pci-0000:00:14.0-usb-1:1", "pci-0000:00:14.0-usb-0:", "-usb-0:1",
                            "pci-0000:00:14.0-usb-0:1:1.0:2", "/dev/ttyUSB0", "pci-0000:00:14.0-usbv-0:2"})
        EXPECT_TRUE(problem(bad)) << bad;
    EXPECT_FALSE(problem("usb1", UsbRootHubs::yes));
    EXPECT_TRUE(problem("usb", UsbRootHubs::yes));
}

TEST_F(UsbSysfs, AChipOnAnI2cBusIsNoUsbDeviceThoughItsNameLooksSo) {
    namespace fs = std::filesystem;
    const auto chip = tree.root / "sys/devices/platform/soc/i2c-1/1-0050/gpiochip1";
    fs::create_directories(chip);
    fs::create_directories(tree.root / "sys/bus/gpio/devices");
    fs::create_directory_symlink(chip, tree.root / "sys/bus/gpio/devices/gpiochip1");
    EXPECT_TRUE(usb_nodes("bus/gpio/devices", tree.root).empty());
}

TEST_F(UsbSysfs, APortIsFoundByItsSerialNumberWhereverItIsPluggedIn) {
    EXPECT_EQ(port({"", "FT4XYZ12", 1}), "ttyUSB1");
    tree.unplug("1-1.4");
    tree.plug("1-3", {"0403", "6011", "Quad RS232-HS", "FT4XYZ12"});
    tree.node("class/tty", "1-3", 1, "ttyUSB7/tty/ttyUSB7");
    EXPECT_EQ(port({"", "FT4XYZ12", 1}), "ttyUSB7");
}

TEST_F(UsbSysfs, WhatFitsTwiceIsRefusedNamingBoth) {
    EXPECT_THAT(refusal({"", "FT4XYZ12", {}}),
                HasSubstr("device board: console: serial port could be any of these, so none is touched: ttyUSB0 at "
                          "1-1.4 (0403:6011 Quad RS232-HS), serial_number FT4XYZ12, interface 0, ttyUSB1 at"));
}

TEST_F(UsbSysfs, WhatIsNotThereIsSaidWithWhatIs) {
    EXPECT_THAT(refusal({"1-9", "", {}}),
                HasSubstr("device board: console: serial port with usb_path 1-9 is not there: is it plugged in, and "
                          "has it power? Attached are: ttyUSB0"));
    EXPECT_THAT(refusal({"pci-0000:00:1a.0-usb-0:2", "", {}}), HasSubstr("is not there"));
}

TEST_F(UsbSysfs, ATreeWithoutUsbHasNoDevices) {
    EXPECT_TRUE(usb_devices(tree.root / "nowhere").empty());
    EXPECT_TRUE(usb_nodes("class/tty", tree.root / "nowhere").empty());
}

}  // namespace
}  // namespace patchbay::testing
