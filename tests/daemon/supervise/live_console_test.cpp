// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/live_console.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

struct LiveConsoleTest : ::testing::Test {
    asio::io_context io;
    std::string typed;
    LiveConsole console{io.get_executor(), [this](std::string_view bytes) { typed += bytes; }};

    ConsoleNews next(const LiveConsole::ViewerPtr& viewer) { return run(io, console.next(viewer)); }
    /// What a reader of now is told, without its first word about the keyboard.
    LiveConsole::ViewerPtr join(const std::string& user) {
        auto viewer = console.join(user, "console");
        next(viewer);
        return viewer;
    }
};

TEST_F(LiveConsoleTest, EverybodyReadsEverythingAlsoWhoComesLate) {
    const auto alice = console.join("alice", "console");
    console.put(0, "U-Boot\r\n");
    EXPECT_EQ(next(alice).bytes, "U-Boot\r\n");
    console.put(8, "=> ");
    EXPECT_EQ(next(alice).bytes, "=> ");
    EXPECT_EQ(next(console.join("bob", "console")).bytes, "U-Boot\r\n=> ");
    EXPECT_EQ(next(console.join("program", "raw TCP", 0)).bytes, "") << "it wants what comes now";
}

TEST_F(LiveConsoleTest, WhatTheRunnerSaysAgainIsNotShownAgain) {
    const auto alice = console.join("alice", "console");
    console.put(0, "0123456789");
    console.put(4, "456789abc");
    console.put(0, "0123");
    EXPECT_EQ(next(alice).bytes, "0123456789abc");
    console.put(20, "xyz");
    const auto news = next(alice);
    EXPECT_EQ(news.bytes, "xyz");
    ASSERT_EQ(news.notices.size(), 1u);
    EXPECT_EQ(news.notices[0], "7 bytes of the console were missed");
}

TEST_F(LiveConsoleTest, WhoReadsTooSlowlyIsToldWhatIsLeftOut) {
    const auto alice = join("alice");
    std::int64_t at = 0;
    for (int i = 0; i < 100; ++i) {
        console.put(at, std::string(10'000, 'x'));
        at += 10'000;
    }
    const auto news = next(alice);
    ASSERT_EQ(news.notices.size(), 1u);
    EXPECT_NE(news.notices[0].find("bytes are left out"), std::string::npos);
    EXPECT_EQ(news.bytes.size(), 16u * 1024);
}

TEST_F(LiveConsoleTest, OneWritesAndHandsOver) {
    const auto alice = join("alice"), bob = join("bob");
    console.ask(alice, true);
    EXPECT_TRUE(console.type(alice, "a"));
    EXPECT_FALSE(console.type(bob, "b"));
    EXPECT_EQ(typed, "a");
    console.ask(bob, false);
    const auto news = next(alice);
    ASSERT_EQ(news.notices.size(), 1u);
    EXPECT_EQ(news.notices[0], "bob asks for the keyboard");
    EXPECT_FALSE(console.give(bob, "bob")) << "he does not have it";
    EXPECT_FALSE(console.give(alice, "carol")) << "nobody of that name is here";
    EXPECT_TRUE(console.give(alice, "bob"));
    EXPECT_TRUE(console.type(bob, "b"));
    EXPECT_FALSE(console.type(alice, "a"));
    console.take(alice);
    EXPECT_EQ(next(bob).notices.at(0), "alice has taken the keyboard");
    EXPECT_EQ(console.writer(), alice);
    EXPECT_EQ(typed, "ab");
}

TEST_F(LiveConsoleTest, WhoLeavesGivesTheKeyboardUp) {
    auto alice = join("alice");
    const auto bob = join("bob");
    console.ask(alice, true);
    next(bob);
    console.leave(alice);
    EXPECT_EQ(console.writer(), nullptr);
    const auto news = next(bob);
    EXPECT_TRUE(news.writer_changed);
    EXPECT_EQ(news.notices.at(0), "alice has left; nobody has the keyboard");
    console.ask(bob, false);
    EXPECT_EQ(console.writer(), nullptr) << "he is not the one who may take it";
    console.ask(bob, true);
    EXPECT_EQ(console.writer(), bob);
}

TEST_F(LiveConsoleTest, TheEndComesBehindTheLastByte) {
    const auto alice = join("alice");
    console.put(0, std::string(20'000, 'x'));
    console.end();
    EXPECT_FALSE(next(alice).over);
    EXPECT_TRUE(next(alice).over);
    console.ask(alice, true);
    EXPECT_FALSE(console.type(alice, "a"));
}

TEST_F(LiveConsoleTest, ACrowdIsBounded) {
    for (std::size_t i = 0; i < LiveConsole::most_viewers; ++i) EXPECT_TRUE(console.join("alice", "console"));
    EXPECT_FALSE(console.join("bob", "console"));
}

}  // namespace
}  // namespace patchbay::testing
