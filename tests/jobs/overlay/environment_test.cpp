// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "core/process/words.hpp"
#include "jobs/overlay/shell_text.hpp"

namespace patchbay {
namespace {

TEST(Environment, IsFlattenedAndQuoted) {
    const auto value = config::parse_yaml(
        "{A: plain, B: 'two words', C: true, D: false, E: 7, F: {x: 1, y: [a, b]}, G: \"it's\", H: 1.5, I: null, J: "
        "''}");
    EXPECT_EQ(export_lines("", value),
              (std::vector<std::string>{"export A=plain", "export B='two words'", "export C=1", "export D=0",
                                        "export E=7", "export F_x=1", "export F_y_0=a", "export F_y_1=b",
                                        "export G='it'\"'\"'s'", "export H=1.5", "export I=''", "export J=''"}));
}

TEST(Environment, NumbersTheEntriesOfDeviceInformation) {
    const auto value = config::parse_yaml("[{board_id: '123', usb-vendor: 4}, {board_id: x}]");
    EXPECT_EQ(
        export_lines("LAVA_DEVICE_INFO", value),
        (std::vector<std::string>{"export LAVA_DEVICE_INFO_0_board_id=123", "export LAVA_DEVICE_INFO_0_usb_vendor=4",
                                  "export LAVA_DEVICE_INFO_1_board_id=x"}));
}

TEST(Environment, NothingInAValueRunsOnTheTarget) {
    for (const auto* text : {"$(reboot)", "`reboot`", "a;b", "a\nb", "a'b", "~", "a b", "*", "\"", "\\"}) {
        const auto quoted = quote_word(text);
        EXPECT_EQ(quoted.front(), '\'') << text;
        EXPECT_EQ(quoted.back(), '\'') << text;
    }
}

}  // namespace
}  // namespace patchbay
