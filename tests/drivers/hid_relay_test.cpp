// SPDX-License-Identifier: Apache-2.0
// The driver `hid-relay`: libusb against simulated boards.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/sim_usb.hpp"
#include "tests/support/switch_lab.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct HidRelayDriver : ::testing::Test, SwitchLab {
    UsbTree tree{folder.path};
    SimHidRelay relay{"HURTM"};

    HidRelayDriver() { plug(relay, "1-2"); }

    void plug(SimUsbDevice& device, const std::string& path, const std::string& name = "USBRelay4") {
        tree.plug(path, {"16c0", "05df", name});
        device.plug(tree.device_node(path));
    }
};

TEST_F(HidRelayDriver, SwitchesItsChannelAndReadsItBack) {
    auto device = board("driver: hid-relay, relay: HURTM, channel: 3");
    auto& power = device.need<Power>();
    relay.relays = 0b1001;
    EXPECT_EQ(run(io, power.is_on()), false);
    EXPECT_EQ(run(io, power.on()), Switched::verified);
    EXPECT_EQ(relay.relays, 0b1101);
    EXPECT_EQ(run(io, power.is_on()), true);
    EXPECT_EQ(run(io, power.off()), Switched::verified);
    EXPECT_EQ(relay.relays, 0b1001);
    EXPECT_THAT(told, ElementsAre());
}

TEST_F(HidRelayDriver, IsFoundByItsIdWhereverItIsPluggedInAndAlsoAfterwards) {
    SimHidRelay other{"OTHER"};
    plug(other, "1-1");
    auto device = board("driver: hid-relay, relay: HURTM");
    run(io, device.need<Power>().on());
    tree.unplug("1-2");
    relay.unplug();
    plug(relay, "1-3");
    run(io, device.need<Power>().off());
    EXPECT_EQ(relay.relays, 0);
    run(io, device.need<Power>().on());
    EXPECT_EQ(relay.relays, 1);
    EXPECT_EQ(other.relays, 0);
}

TEST_F(HidRelayDriver, TwoBoardsAreToldApartByPathOrRefused) {
    SimHidRelay twin{"HURTM"};
    plug(twin, "1-1");
    EXPECT_THAT(failure_of_on("driver: hid-relay, relay: HURTM"),
                HasSubstr("device board: power: relay board HURTM is there twice, so none is touched: HURTM at 1-1 "
                          "(16c0:05df USBRelay4), HURTM at 1-2"));
    EXPECT_THAT(failure_of_on("driver: hid-relay, channel: 1"),
                HasSubstr("relay board, channel 1 could be any of these"));
    EXPECT_EQ(relay.relays + twin.relays, 0);
    EXPECT_EQ(failure_of_on("driver: hid-relay, usb_path: 1-2"), "");
    EXPECT_EQ(failure_of_on("driver: hid-relay, relay: HURTM, usb_path: 1-2, channel: 2"), "");
    EXPECT_EQ(relay.relays, 3);
    EXPECT_EQ(twin.relays, 0);
}

TEST_F(HidRelayDriver, OneThatSticksIsAnError) {
    relay.stuck = 1;
    EXPECT_THAT(failure_of_on("driver: hid-relay, relay: HURTM"),
                HasSubstr("device board: power: relay board HURTM, channel 1 was switched on, but reads back off: the "
                          "contact sticks, or another program switches it; try it by hand"));
    EXPECT_THAT(failure_of_on("driver: hid-relay, usb_path: 1-2"),
                HasSubstr("relay board with usb_path 1-2, channel 1 was switched on, but reads back off"));
}

TEST_F(HidRelayDriver, OneThatIsNotThereIsNamedWithThoseThatAre) {
    EXPECT_THAT(failure_of_on("driver: hid-relay, relay: ABCDE, channel: 2"),
                HasSubstr("device board: power: relay board ABCDE, channel 2 is not there: is it plugged in? Attached "
                          "are: HURTM at 1-2 (16c0:05df USBRelay4)"));
    tree.unplug("1-2");
    EXPECT_THAT(failure_of_on("driver: hid-relay, relay: HURTM"), HasSubstr("Attached are: none"));
    EXPECT_THAT(failure_of_on("driver: hid-relay, usb_path: 1-2, channel: 3"),
                HasSubstr("device board: power: relay board with usb_path 1-2, channel 3 is not there: is it plugged"));
}

TEST_F(HidRelayDriver, OneThatRefusesHangsOrIsPulledIsNamed) {
    const std::string by_path = "driver: hid-relay, usb_path: 1-2, channel: 2";
    const std::string name = "device board: power: relay board at 1-2 (16c0:05df USBRelay4), channel 2: ";
    relay.fault = SimUsbDevice::Fault::stall;
    EXPECT_THAT(failure_of_on(by_path), HasSubstr(name + "Pipe error; it refuses the request"));
    EXPECT_THAT(failure_of_on("driver: hid-relay, relay: HURTM"), HasSubstr("Pipe error"));
    relay.fault = SimUsbDevice::Fault::hang;
    EXPECT_THAT(failure_of_on(by_path), HasSubstr(name + "Operation timed out; it hangs"));
    relay.fault = SimUsbDevice::Fault::gone;
    EXPECT_THAT(failure_of_on(by_path), HasSubstr("is it still plugged in?"));
}

TEST_F(HidRelayDriver, ANodeThatMayNotBeOpenedIsNamed) {
    std::filesystem::remove(tree.device_node("1-2"));
    EXPECT_THAT(failure_of_on("driver: hid-relay, usb_path: 1-2"),
                HasSubstr("cannot open " + tree.root.string() + "/dev/bus/usb/001/"));
}

TEST_F(HidRelayDriver, AChannelThatTheBoardDoesNotHaveIsRefused) {
    EXPECT_THAT(failure_of_on("driver: hid-relay, usb_path: 1-2, channel: 5"),
                HasSubstr("has 4 channels; the device's description says channel 5"));
    EXPECT_THAT(refusal("driver: hid-relay, channel: 9, relay: ABC"),
                HasSubstr("hardware.power.channel: must be 1 to 8"));
    EXPECT_THAT(refusal("driver: hid-relay, channel: 1, relay: ABC"), HasSubstr("id of five characters"));
}

TEST_F(HidRelayDriver, TheBoardOfFramesIsSwitchedButCannotBeReadBack) {
    tree.unplug("1-2");
    SimFrameRelay frames;
    tree.plug("1-4", {"5131", "2007", "LC-US8"});
    frames.plug(tree.device_node("1-4"));
    auto device = board("driver: hid-relay, usb_path: 1-4, channel: 8");
    EXPECT_EQ(run(io, device.need<Power>().on()), Switched::unverified);
    EXPECT_EQ(run(io, device.need<Power>().off()), Switched::unverified);
    EXPECT_THAT(frames.frames, ElementsAre(UsbBytes{0xa0, 8, 1, 0xa9}, UsbBytes{0xa0, 8, 0, 0xa8}));
    EXPECT_THAT(told,
                ElementsAre(HasSubstr("relay board with usb_path 1-4, channel 8 was switched, but what it does")));
}

}  // namespace
}  // namespace patchbay::testing
