// SPDX-License-Identifier: Apache-2.0
#include "core/log_lines.hpp"

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace patchbay {
namespace {

TEST(LogLines, WhatMovesATerminalOrEndsALineIsSpelledOut) {
    EXPECT_EQ(one_line("plain \\ text, größer"), "plain \\ text, größer");
    EXPECT_EQ(one_line("a\nb\r\tc"), "a\\nb\\r\\tc");
    EXPECT_EQ(one_line("\x1b[2J\x7f"), "\\x1b[2J\\x7f");
    EXPECT_EQ(one_line(std::string_view{"\0", 1}), "\\x00");
    EXPECT_EQ(one_line("\xc2\x9b"
                       "2J \xc2\xa0 \xc2"),
              "\\x9b"
              "2J \xc2\xa0 \xc2")
        << "C1, but not what follows it";
}

TEST(LogLines, AMessageIsOneLineWhateverItSays) {
    std::ostringstream out;
    spdlog::logger log{"", std::make_shared<spdlog::sinks::ostream_sink_st>(out)};
    log.set_formatter(log_line_formatter());
    log.error("request failed path={}", "/x\n[2026-01-01 00:00:00.000] [info] all is well");
    const auto text = out.str();
    EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
    EXPECT_NE(text.find("] [error] request failed path=/x\\n[2026"), std::string::npos) << text;
}

}  // namespace
}  // namespace patchbay
