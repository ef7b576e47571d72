// SPDX-License-Identifier: Apache-2.0
// What counts as a sign of life of a board that should be off. That it is listened for:
// tests/jobs/actions/supply_test.cpp.
#include "jobs/console/silence.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using namespace std::string_view_literals;

TEST(Silence, WordsAreQuotedInOneLine) {
    EXPECT_EQ(words_in("\r\nimx8 login: "), "imx8 login:");
    EXPECT_EQ(words_in("=> \r\n=> "), "=> =>");
    EXPECT_EQ(words_in("\r\n# "), "#") << "a prompt may be one character";
    EXPECT_EQ(words_in("\x1b[0mroot@board:~# "), "[0mroot@board:~#");
    EXPECT_EQ(words_in(std::string(500, 'x')), std::string(60, 'x'));
}

TEST(Silence, EmptyLinesAndNoiseAreNoWords) {
    EXPECT_EQ(words_in(""), "");
    EXPECT_EQ(words_in("\r\n\r\n"), "") << "the echo of what was typed";
    EXPECT_EQ(words_in("\0\0\xff\0~\0\xfe"sv), "") << "a line that nothing drives";
    EXPECT_EQ(words_in("\0"sv), "");
}

}  // namespace
}  // namespace patchbay
