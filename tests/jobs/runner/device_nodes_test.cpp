// SPDX-License-Identifier: Apache-2.0
// What a runner may open: the nodes of its device at this moment, and no others.
#include "jobs/runner/device_nodes.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/errors.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay {
namespace {

using namespace testing;

class DeviceNodesTest : public ::testing::Test {
protected:
    TemporaryFolder folder;
    UsbTree tree{std::filesystem::canonical(folder.path)};

    void SetUp() override {
        tree.plug("1-1", {"0403", "6001", "FT232R", "A1"});
        tty("1-1", "ttyUSB0");
        tree.plug("1-2", {"0403", "6001", "FT232R", "B2"});
        tty("1-2", "ttyUSB1");
        tree.plug("1-3", {"16c0", "05df", "USBRelay2"});
    }

    void tty(const std::string& path, const std::string& name) {
        tree.node("class/tty", path, 0, name + "/tty/" + name);
        // The kernel's link from the port's own folder to the adapter's interface.
        const auto own = std::filesystem::canonical(tree.root / "sys/class/tty" / name);
        std::filesystem::create_directory_symlink(own.parent_path().parent_path(), own / "device");
        node("dev/" + name);
    }

    void node(const std::string& name) {
        std::filesystem::create_directories((tree.root / name).parent_path());
        std::ofstream{tree.root / name};
    }

    /// Of the first device, below the root.
    std::vector<std::string> nodes(const std::string& device) {
        const auto file = folder.path / "lab.yaml";
        std::ofstream{file} << "devices:\n- {name: board, device_type: board, " << device << "}\n";
        std::vector<std::string> names;
        const auto all = device_nodes(file, tree.root);
        for (const auto& node : all.at(0).nodes) names.push_back(node.lexically_relative(tree.root).string());
        return names;
    }
    std::vector<std::string> nodes_of(const std::string& hardware) { return nodes("hardware: {" + hardware + "}"); }
    std::string usb(const std::string& path) { return tree.device_node(path).lexically_relative(tree.root).string(); }

    using Names = std::vector<std::string>;
};

TEST_F(DeviceNodesTest, AnAdapterIsFoundByWhatStaysUnderWhateverNumber) {
    EXPECT_EQ(nodes_of("console: {driver: serial, serial_number: B2}"), Names{"dev/ttyUSB1"});
    EXPECT_EQ(nodes_of("console: {driver: serial, usb_path: 1-1}"), Names{"dev/ttyUSB0"});
    tree.unplug("1-2");
    std::filesystem::remove(tree.root / "sys/class/tty/ttyUSB1");
    EXPECT_EQ(nodes_of("console: {driver: serial, serial_number: B2}"), Names{});
    tree.plug("1-2", {"0403", "6001", "FT232R", "B2"});
    tty("1-2", "ttyUSB7");
    EXPECT_EQ(nodes_of("console: {driver: serial, serial_number: B2}"), Names{"dev/ttyUSB7"});
}

TEST_F(DeviceNodesTest, OfSeveralThatFitNoneIsGiven) {
    for (const std::string path : {"1-5", "1-6"}) {
        tree.plug(path, {"0403", "6001", "FT232R", "TWIN"});
        tty(path, "ttyUSB" + path.substr(2));
    }
    EXPECT_EQ(nodes_of("console: {driver: serial, serial_number: TWIN}"), Names{});
    EXPECT_EQ(nodes_of("console: {driver: serial, serial_number: TWIN, usb_path: 1-6}"), Names{"dev/ttyUSB6"});
    EXPECT_EQ(nodes_of("power: {driver: serial-relay, usb_path: 1-9}"), Names{});
}

TEST_F(DeviceNodesTest, RelaysAreGivenByTheirBoard) {
    EXPECT_EQ(nodes_of("power: {driver: hid-relay, usb_path: 1-3}"), Names{usb("1-3")});
    EXPECT_EQ(nodes_of("line: {reset: {driver: serial-relay, usb_path: 1-1}}"), Names{"dev/ttyUSB0"});
    // Which board has an id only the board knows.
    tree.plug("1-4", {"16c0", "05df", "USBRelay2"});
    auto both = Names{usb("1-3"), usb("1-4")};
    EXPECT_EQ(nodes_of("power: {driver: hid-relay, relay: HURTM}"), both);
}

TEST_F(DeviceNodesTest, AHubsPortIsTheHubAndWhatIsOnIt) {
    tree.plug("1-5", {"0409", "55aa", "hub", "H1", "09"});
    tree.port("1-5", 2);
    tree.plug("1-5.2", {"0403", "6001", "FT232R", "C3"});
    auto both = Names{usb("1-5"), usb("1-5.2")};
    EXPECT_EQ(nodes_of("power: {driver: usb-hub-port, usb_path: 1-5, port: 2}"), both);
}

TEST_F(DeviceNodesTest, AGpioChipIsThatOfItsAdapter) {
    tree.node("bus/gpio/devices", "1-1", 0, "gpiochip4");
    node("dev/gpiochip4");
    EXPECT_EQ(nodes_of("power: {driver: gpio, usb_path: 1-1, line: 0}"), Names{"dev/gpiochip4"});
}

TEST_F(DeviceNodesTest, WhatCommandsUseIsNamedInTheFile) {
    node("dev/ttyS3");
    EXPECT_EQ(nodes("nodes: [/dev/ttyS3, /dev/absent], hardware: {console: {driver: command, command: cu}}"),
              Names{"dev/ttyS3"});
    EXPECT_THROW(nodes("nodes: [/etc/shadow], hardware: {console: {driver: command, command: cu}}"),
                 ConfigurationError);
    EXPECT_THROW(nodes("nodes: [/dev/../etc/shadow], hardware: {console: {driver: command, command: cu}}"),
                 ConfigurationError);
}

TEST_F(DeviceNodesTest, DevicesOfOtherMachinesAreLeftOut) {
    const auto file = folder.path / "lab.yaml";
    std::ofstream{file} << "devices:\n- {name: vm, count: 2}\n- {name: far, worker: rack-2}\n";
    const auto all = device_nodes(file);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].device, "vm-02");
    for (const auto& node : all[1].nodes) EXPECT_EQ(node, "/dev/kvm");
}

TEST_F(DeviceNodesTest, AFileWithMistakesGivesNothing) {
    const auto file = folder.path / "lab.yaml";
    std::ofstream{file} << "devices: [{name: 'a b'}]\n";
    EXPECT_THROW(device_nodes(file), ConfigurationError);
    EXPECT_THROW(device_nodes(folder.path / "none.yaml"), Error);
}

}  // namespace
}  // namespace patchbay
