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

TEST_F(LiveConsoleTest, ACrowdOfGuestsMakesRoomForWhoWorks) {
    using enum LiveConsole::Place;
    std::vector<LiveConsole::ViewerPtr> guests;
    for (std::size_t i = 0; i < LiveConsole::most_viewers; ++i)
        guests.push_back(console.join("anonymous", "console", 0, guest));
    EXPECT_FALSE(console.join("bob", "console", 0, guest)) << "one who looks on displaces nobody";
    console.take(guests[0]);  // lent
    const auto alice = console.join("alice", "console", 0, worker);
    ASSERT_TRUE(alice);
    EXPECT_EQ(console.viewers().size(), LiveConsole::most_viewers);
    const auto news = next(guests[1]);
    EXPECT_TRUE(news.over);
    EXPECT_TRUE(news.put_out);
    EXPECT_FALSE(next(guests[0]).over) << "who writes stays";
    EXPECT_FALSE(next(guests[2]).over);
    console.leave(guests[1]);
    EXPECT_EQ(console.viewers().size(), LiveConsole::most_viewers);
}

TEST_F(LiveConsoleTest, WhoComesAgainGoesOnWhereTheyWere) {
    console.put(0, "0123456789");
    auto alice = console.join("alice", "console", 0);
    console.resume(alice, 4);
    EXPECT_EQ(next(alice).at, 4);
    console.resume(alice, 4);
    EXPECT_EQ(next(alice).bytes, "456789");
}

TEST_F(LiveConsoleTest, WhoComesAgainBeforeTheRunnerMissesNothingAndSeesNothingTwice) {
    const auto alice = console.join("alice", "console", 0), bob = console.join("bob", "console", 0);
    console.resume(alice, 1004);
    console.resume(bob, 900);
    next(alice), next(bob);  // the keyboard
    console.put(1000, "0123456789");
    const auto news = next(alice);
    EXPECT_EQ(news.bytes, "456789");
    EXPECT_EQ(news.at, 1004);
    EXPECT_TRUE(news.notices.empty());
    const auto late = next(bob);
    EXPECT_EQ(late.bytes, "0123456789");
    EXPECT_EQ(late.notices, std::vector<std::string>{"100 bytes of the console were missed"});
}

}  // namespace
}  // namespace patchbay::testing
