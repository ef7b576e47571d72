// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/session_line.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(SessionLine, IsReadAsItWasWritten) {
    const SessionEnd end{WallTime{std::chrono::seconds{1'764'118'800}}, "released by alice"};
    EXPECT_EQ(read_session_line(encode(end)).end, end);
    const BoardCommand command{3, "line", "reset", "press", "alice"};
    EXPECT_EQ(read_session_line(encode(command)).command, command);
    const BoardAnswer done{3, "power is on", "on", true, ""};
    EXPECT_EQ(read_session_line(encode(done)).answer, done);
    const BoardAnswer failed{4, "", "", std::nullopt, "the relay sticks"};
    EXPECT_EQ(read_session_line(encode(failed)).answer, failed);
    const ConsoleKeys keys{std::string{"ls\r\0\xff", 5}};
    EXPECT_EQ(read_session_line(encode(keys)).keys, keys);
    const ConsolePiece piece{4711, "\x1b[2J\xfe"};
    EXPECT_EQ(read_session_line(encode(piece)).piece, piece);
    const SessionNotice notice{"it ends"};
    EXPECT_EQ(read_session_line(encode(notice)).notice, notice);
}

TEST(SessionLine, OfAnotherKindIsNone) {
    for (const auto* text : {R"({"more": 12})", R"({"cancel": "x"})", "", "{", "[1]"}) {
        const auto line = read_session_line(text);
        EXPECT_FALSE(line.end || line.command || line.answer || line.keys || line.piece || line.notice) << text;
    }
}

}  // namespace
}  // namespace patchbay
