// SPDX-License-Identifier: Apache-2.0
// The driver `gpio` without a chip: what it refuses, and how it looks for one. tests/rig has chips.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/switch_lab.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;

struct GpioDriver : ::testing::Test, SwitchLab {
    UsbTree tree{folder.path};

    GpioDriver() {
        tree.plug("1-2", {"10c4", "ea60", "CP2104", "A1"});
        tree.node("bus/gpio/devices", "1-2", 0, "gpiochip3");
        std::ofstream{tree.root / "dev/gpiochip3"};
    }
};

TEST_F(GpioDriver, MistakesAreFoundBeforeAnythingIsTouched) {
    EXPECT_THAT(refusal("driver: gpio, line: 4"), HasSubstr("hardware.power.chip: missing: give chip"));
    EXPECT_THAT(refusal("driver: gpio, chip: a, usb_path: 1-2, line: 4"), HasSubstr("chip: missing: give chip"));
    EXPECT_THAT(refusal("driver: gpio, chip: a"), HasSubstr("line: must be the line's name, or its number"));
    EXPECT_THAT(refusal("driver: gpio, chip: a, line: -1"), HasSubstr("line: must be the line's name"));
    EXPECT_EQ(refusal("driver: gpio, serial_number: A1, line: RESET, active_low: true"), "");
}

TEST_F(GpioDriver, AChipThatIsNotThereIsNamedWithThoseThatAre) {
    EXPECT_THAT(failure_of_on("driver: gpio, chip: relays, line: POWER"),
                HasSubstr("device board: power: GPIO chip 'relays', line 'POWER' is not there: there are gpiochip3 ("));
    EXPECT_THAT(
        failure_of_on("driver: gpio, serial_number: B2, line: 4"),
        HasSubstr("device board: power: GPIO chip with serial_number B2, line 4 is not there: is it plugged in, "
                  "and has it power? Attached are: gpiochip3 at 1-2 (10c4:ea60 CP2104), serial_number A1"));
}

TEST_F(GpioDriver, WhatIsNoChipIsRefusedByName) {
    for (const auto* chip : {"chip: gpiochip3", "usb_path: 1-2", "serial_number: A1"}) {
        EXPECT_THAT(failure_of_on(std::string{"driver: gpio, line: 4, "} + chip),
                    HasSubstr("device board: power: gpiochip3 line 4: "));
    }
}

}  // namespace
}  // namespace patchbay::testing
