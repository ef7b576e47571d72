// SPDX-License-Identifier: Apache-2.0
// The driver `usb-hub-port`: the kernel's file for a port, requests where there is none, pairs of USB 2 and 3.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <future>

#include "core/process/file_descriptor.hpp"
#include "core/whole_file.hpp"
#include "tests/support/sim_usb.hpp"
#include "tests/support/switch_lab.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct UsbHubPortDriver : ::testing::Test, SwitchLab {
    UsbTree tree{folder.path};
    std::filesystem::path port;
    SimHub hub{4};
    const std::string port_2 = "driver: usb-hub-port, usb_path: 1-1, port: 2";

    UsbHubPortDriver() {
        tree.plug("1-1", {"0409", "55aa", "USB Hub", "HUB1", "09"});
        port = tree.port("1-1", 2);
        hub.plug(tree.device_node("1-1"));
    }

    static bool is_off(const std::filesystem::path& port) { return read_whole_file(port / "disable").front() == '1'; }
};

TEST_F(UsbHubPortDriver, SwitchesByTheKernelsFileAndReadsItBack) {
    auto device = board(port_2);
    EXPECT_EQ(run(io, device.need<Power>().is_on()), true);
    EXPECT_EQ(run(io, device.need<Power>().off()), Switched::verified);
    EXPECT_TRUE(is_off(port));
    EXPECT_EQ(run(io, device.need<Power>().is_on()), false);
    EXPECT_EQ(run(io, device.need<Power>().on()), Switched::verified);
    EXPECT_FALSE(is_off(port));
    auto by_serial = board("driver: usb-hub-port, serial_number: HUB1, port: 2");
    run(io, by_serial.make_safe());
    EXPECT_TRUE(is_off(port));
}

TEST_F(UsbHubPortDriver, ABoardIsCutAlsoWhereTheHubDoesNotSayWhatItCan) {
    auto device = board(port_2);
    hub.fault = SimUsbDevice::Fault::stall;
    EXPECT_THROW(run(io, device.make_safe()), InfrastructureError);
    EXPECT_TRUE(is_off(port));
    EXPECT_THROW(run(io, device.need<Power>().on()), InfrastructureError);
    EXPECT_TRUE(is_off(port)) << "nothing gets power that may not be cut";
}

TEST_F(UsbHubPortDriver, ARootHubHasPortsToo) {
    const auto root_port = tree.port("usb1", 3);
    SimHub root_hub{4};
    root_hub.plug(tree.device_node("usb1"));
    auto device = board("driver: usb-hub-port, usb_path: usb1, port: 3");
    EXPECT_EQ(run(io, device.need<Power>().off()), Switched::verified);
    EXPECT_TRUE(is_off(root_port));
}

TEST_F(UsbHubPortDriver, BothHalvesOfAPhysicalPortAreSwitched) {
    tree.plug("2-1", {"0409", "55ab", "USB Hub", "HUB1", "09"});
    const auto half = tree.port("2-1", 4);
    SimHub other{4};
    other.plug(tree.device_node("2-1"));
    tree.peers(port, half);
    auto device = board("driver: usb-hub-port, serial_number: HUB1, port: 2");
    EXPECT_EQ(run(io, device.need<Power>().off()), Switched::verified);
    EXPECT_TRUE(is_off(port));
    EXPECT_TRUE(is_off(half));
    write_whole_file(half / "disable", "0\n");  // somebody else
    EXPECT_EQ(run(io, device.need<Power>().is_on()), true);
}

TEST_F(UsbHubPortDriver, ADeviceThatGoesInTimeIsProofEnough) {
    tree.plug("1-1.2", {"0403", "6001", "Board"});
    auto gone = std::async(std::launch::async, [this] {
        while (!is_off(port)) std::this_thread::yield();
        tree.unplug("1-1.2");
    });
    EXPECT_EQ(failure_of_off(port_2), "");
    gone.get();
}

TEST_F(UsbHubPortDriver, ADeviceThatStaysIsAnError) {
    tree.plug("1-1.2", {"0403", "6001", "Board"});
    EXPECT_THAT(
        failure_of_off(port_2),
        HasSubstr("device board: power: USB hub at 1-1 (0409:55aa USB Hub), port 2 is off, as the hub says, but "
                  "the device 1-1.2 is still there after 2 s"));
    EXPECT_TRUE(is_off(port));
}

TEST_F(UsbHubPortDriver, AHubWithoutSwitchesIsRefusedAlsoWhereTheKernelHasItsFile) {
    for (const std::uint8_t all_at_once_or_none : {0, 2}) {
        hub.switching = all_at_once_or_none;
        EXPECT_THAT(failure_of_off(port_2),
                    HasSubstr("port 2: the hub cannot switch its ports one by one; use another port or hub"));
        EXPECT_FALSE(is_off(port));
    }
}

TEST_F(UsbHubPortDriver, AHubThatCannotBeAskedWhetherItHasSwitchesIsAnError) {
    hub.fault = SimUsbDevice::Fault::stall;
    EXPECT_THAT(failure_of_off(port_2), HasSubstr("USB hub at 1-1 (0409:55aa USB Hub), port 2"));
    EXPECT_TRUE(is_off(port)) << "a board is cut all the same";
}

TEST_F(UsbHubPortDriver, OneProgramAtATimeSwitchesAHub) {
    FileDescriptor other{::open(tree.folder("1-1").c_str(), O_RDONLY | O_DIRECTORY)};
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    auto waits = std::async(std::launch::async, [this] { return failure_of_off(port_2); });
    EXPECT_FALSE(is_off(port));
    other.reset();
    EXPECT_EQ(waits.get(), "");
    EXPECT_TRUE(is_off(port));
}

TEST_F(UsbHubPortDriver, WhatIsNotThereIsNamed) {
    EXPECT_THAT(failure_of_on("driver: usb-hub-port, usb_path: 1-9, port: 2"),
                HasSubstr("device board: power: USB hub with usb_path 1-9, port 2 is not there: is it plugged in"));
    EXPECT_THAT(failure_of_on("driver: usb-hub-port, usb_path: 1-1, port: 7"),
                HasSubstr("USB hub at 1-1 (0409:55aa USB Hub), port 7: the hub has no such port"));
    EXPECT_THAT(refusal("driver: usb-hub-port, port: 2"), HasSubstr("give usb_path or serial_number of the hub"));
    EXPECT_THAT(refusal("driver: usb-hub-port, usb_path: 1-1"), HasSubstr("the key 'port' is missing"));
    EXPECT_THAT(refusal("driver: usb-hub-port, usb_path: 1-1, port: 0"), HasSubstr("must be 1 to 255"));
}

/// Kernels before 6.0 have no file.
struct UsbHubRequests : UsbHubPortDriver {
    UsbHubRequests() { std::filesystem::remove(port / "disable"); }
};

TEST_F(UsbHubRequests, SwitchAndReadBack) {
    auto device = board(port_2);
    EXPECT_EQ(run(io, device.need<Power>().off()), Switched::verified);
    EXPECT_THAT(hub.power, ElementsAre(true, false, true, true));
    EXPECT_EQ(run(io, device.need<Power>().is_on()), false);
    EXPECT_EQ(run(io, device.need<Power>().on()), Switched::verified);
    EXPECT_EQ(run(io, device.need<Power>().is_on()), true);
}

TEST_F(UsbHubRequests, AHubOfUsb3HasAnotherPowerBit) {
    tree.plug("2-1", {"0409", "55ab", "USB Hub", "", "09"});
    write_whole_file(tree.folder("2-1") / "speed", "5000\n");
    std::filesystem::remove(tree.port("2-1", 1) / "disable");
    SimHub fast{2, true};
    fast.plug(tree.device_node("2-1"));
    auto device = board("driver: usb-hub-port, usb_path: 2-1, port: 1");
    EXPECT_EQ(run(io, device.need<Power>().off()), Switched::verified);
    EXPECT_EQ(run(io, device.need<Power>().is_on()), false);
    EXPECT_THAT(fast.power, ElementsAre(false, true));
}

TEST_F(UsbHubRequests, AHubThatCannotOrWillNotSwitchIsAnError) {
    hub.switching = 0;
    EXPECT_THAT(failure_of_off(port_2), HasSubstr("port 2: the hub cannot switch its ports one by one"));
    hub.switching = 1;
    hub.sticks = true;
    EXPECT_THAT(failure_of_off(port_2), HasSubstr("was switched off, but the hub says that it is not"));
}

TEST_F(UsbHubRequests, APortThatTheKernelSwitchesOnAgainIsSwitchedOffAgain) {
    hub.repowers = 1;
    EXPECT_EQ(failure_of_off(port_2), "");
    EXPECT_FALSE(hub.is_to_repower()) << "it was called off before";
    EXPECT_EQ(run(io, board(port_2).need<Power>().is_on()), false);
    hub.repowers = 1'000'000;
    EXPECT_THAT(failure_of_off(port_2), HasSubstr("port 2 was switched off 4 times, and is on again each time"));
}

/// It answers as long as it has power.
struct Board final : SimUsbDevice {
    std::optional<UsbBytes> control(std::uint8_t, std::uint8_t, std::uint16_t, std::uint16_t,
                                    const UsbBytes&) override {
        return UsbBytes(18);
    }
};

TEST_F(UsbHubRequests, ADeviceThatTheKernelKeepsIsAskedWhetherItLives) {
    tree.plug("1-1.2", {"0403", "6001", "Board"});
    Board on_port;
    on_port.plug(tree.device_node("1-1.2"));
    EXPECT_THAT(failure_of_off(port_2), HasSubstr("is still there after 2 s"));
    hub.on_switch = [&](unsigned, bool on) {
        on_port.fault = on ? SimUsbDevice::Fault::none : SimUsbDevice::Fault::dead;
    };
    EXPECT_EQ(failure_of_off(port_2), "");
}

}  // namespace
}  // namespace patchbay::testing
