// SPDX-License-Identifier: Apache-2.0
// A console as a job uses it: whatever it prints, in whatever pieces, is logged line by line and matched once.
#include "jobs/console/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "core/errors.hpp"
#include "jobs/console/read_until.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

using namespace std::string_view_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Gives its reads one after the other; then it is silent, or ends.
class ScriptedConsole final : public Console {
public:
    std::deque<std::string> reads;
    bool ends = false;
    std::vector<std::string> written;
    /// Said after so many writes; 0: never.
    std::size_t answers_after = 0;
    std::string answer;

    Task<> open() override { co_return; }
    Task<std::string> read_some() override {
        while (reads.empty() && !ends) co_await sleep_for(1s);
        if (reads.empty()) co_return std::string{};
        auto bytes = std::move(reads.front());
        reads.pop_front();
        co_return bytes;
    }
    Task<> write(std::string bytes) override {
        written.push_back(std::move(bytes));
        if (written.size() == answers_after) reads.push_back(answer);
        co_return;
    }
    Task<> close() override { co_return; }
    std::string description() const override { return "scripted"; }
};

class Lines final : public ConsoleLog {
public:
    std::vector<std::string> target_lines, feedback_lines, inputs;
    void target(std::string_view line) override { target_lines.emplace_back(line); }
    void feedback(std::string_view ns, std::string_view line) override {
        feedback_lines.push_back(std::string{ns} + ": " + std::string{line});
    }
    void input(std::string_view text) override { inputs.emplace_back(text); }
    void pause() override {}
};

struct Session : ::testing::Test {
    asio::io_context io;
    testing::VirtualTime time{io};
    ScriptedConsole console;
    Lines log;
    std::optional<ConsoleSession> session{std::in_place, console, log};

    /// A new console that says `stream` in pieces of `size` bytes and then ends.
    void restart(std::string_view stream, std::size_t size) {
        session.emplace(console, log);
        log = {};
        console.reads.clear();
        for (std::size_t at = 0; at < stream.size(); at += size) console.reads.emplace_back(stream.substr(at, size));
        console.ends = true;
    }

    Match wait(const std::vector<std::string>& expressions, Clock::duration limit = 1min) {
        const auto patterns = PatternSet::of(expressions);
        return time.run(session->wait(patterns, Deadline::in(limit)));
    }
};

TEST_F(Session, LogsAndMatchesTheSameHoweverTheBytesAreCut) {
    const auto stream =
        "\xFF\xFE[    0.0] Linux\0 version 6.1\r\r\n 10%\r 20%\r\n\x1b[32mgr\xC3\xBCn\x1b[0m\r\n\xE2\x82imx8 login: \r\nlast"sv;
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        SCOPED_TRACE("reads of " + std::to_string(size) + " bytes");
        restart(stream, size);
        EXPECT_EQ(wait({"never", "(?P<host>\\w+) login:", "version (\\d)"}).text, "version 6");
        const auto login = wait({"never", "(?P<host>\\w+) login:"});
        EXPECT_EQ(*login.group("host"), "imx8");
        EXPECT_THROW(wait({"never"}), ConnectionClosedError);
        ASSERT_THAT(log.target_lines, ElementsAre("\uFFFD\uFFFD[    0.0] Linux\0 version 6.1"sv, " 10% 20%",
                                                  "[32mgr\xC3\xBCn[0m", "\uFFFDimx8 login: ", "last"));
        EXPECT_FALSE(session->connected());
    }
}

TEST_F(Session, SurvivesALineOfAMegabyteAndAFloodOfNul) {
    restart(std::string(1024 * 1024, 'x') + std::string(1024 * 1024, '\0') + "\r\nlogin: ", 4096);
    EXPECT_EQ(wait({"login: "}).index, 0u);
    ASSERT_EQ(log.target_lines.size(), 1u);
    EXPECT_EQ(log.target_lines[0].size(), LineSplitter::max_line);
}

TEST_F(Session, LogsEveryLineOfAFloodInOrder) {
    std::string flood;
    for (int i = 0; i < 50'000; ++i) flood += "line " + std::to_string(i) + "\r\n";
    restart(flood + "root@board:~# ", 4092);
    wait({"(?P<n>\\d+) ms", "root@board:", "WARNING:"});
    ASSERT_EQ(log.target_lines.size(), 50'000u);
    for (std::size_t i = 0; i < log.target_lines.size(); ++i)
        ASSERT_EQ(log.target_lines[i], "line " + std::to_string(i));
}

TEST_F(Session, APatternThatExplodesIsATestErrorThatNamesItAndLosesNoLine) {
    restart(std::string(5000, 'a') + "b\r\nmore\r\n", 100'000);
    try {
        wait({"(a+)+$"});
        FAIL() << "no error";
    } catch (const TestError& error) {
        EXPECT_THAT(error.what(), HasSubstr("'(a+)+$' is too expensive"));
    }
    EXPECT_EQ(log.target_lines.size(), 2u);
    EXPECT_EQ(wait({"more"}).index, 0u);  // the console goes on
}

TEST_F(Session, AnInvalidPatternIsNamedBeforeAnythingIsRead) {
    try {
        wait({"[a-"});
        FAIL() << "no error";
    } catch (const TestError& error) {
        EXPECT_THAT(error.what(), StartsWith("Invalid regular expression '[a-': "));
    }
}

TEST_F(Session, AWaitInVainIsAJobErrorAtItsTime) {
    const auto start = Clock::now();
    EXPECT_THROW(wait({"never"}, 30s), JobError);
    EXPECT_GE(Clock::now() - start, 30s);
    EXPECT_TRUE(session->connected());
}

TEST_F(Session, ForcesAPromptAfterHalfTheTime) {
    console.answers_after = 3;
    console.answer = "#\r\nroot@board:~# ";
    std::vector<std::string> warnings;
    auto warn = [&warnings](std::string text) { warnings.push_back(std::move(text)); };
    const std::vector<std::string> prompts{"root@board:"};
    const auto patterns = PatternSet::of(prompts);
    const auto start = Clock::now();
    time.run(session->wait_forced(patterns, Deadline::in(20s), warn));
    EXPECT_GE(Clock::now() - start, 14s);  // 10, 2 and 2
    EXPECT_LT(Clock::now() - start, 17s);
    EXPECT_THAT(console.written, ElementsAre("#\n", "#\n", "#\n"));
    ASSERT_EQ(warnings.size(), 3u);
    EXPECT_THAT(warnings[0], StartsWith("ShellSession command timed out.: Sending # in case of corruption. Connection "
                                        "timeout 00:00:10, retry in 00:00:02"));
}

TEST_F(Session, SendsWithTheDelayOfASlowLine) {
    session->character_delay = 100ms;
    const auto start = Clock::now();
    time.run(session->send_line("ls"));
    EXPECT_THAT(console.written, ElementsAre("l", "s", "\n"));
    EXPECT_GE(Clock::now() - start, 300ms);
    EXPECT_THAT(log.inputs, ElementsAre("ls\n"));
}

TEST_F(Session, ListensToOneReadAndKeepsWhatWasRead) {
    console.reads = {"first second ", "one\r\n", "two\r\n"};
    wait({"first"});
    EXPECT_TRUE(time.run(session->listen("other", 500ms)));
    EXPECT_THAT(log.feedback_lines, ElementsAre("other: first second one"));
    EXPECT_EQ(wait({"second", "two"}).text, "second");
    EXPECT_EQ(wait({"two"}).text, "two");
    EXPECT_FALSE(time.run(session->listen("other", 500ms)));
}

TEST_F(Session, ReadsUntilAMomentAndKeepsWhatItRead) {
    console.reads = {"one\r\n", "two\r\n"};
    const auto start = Clock::now();
    time.run(read_until(*session, Deadline::in(5s)));
    EXPECT_GE(Clock::now() - start, 5s);
    EXPECT_THAT(log.target_lines, ElementsAre("one", "two"));
    EXPECT_EQ(wait({"two"}).text, "two");
}

TEST_F(Session, AnEndWhileItReadsUntilAMomentIsToldToWhoWaitsNext) {
    restart("last\r\n", 100);
    const auto start = Clock::now();
    time.run(read_until(*session, Deadline::in(5s)));
    EXPECT_LT(Clock::now() - start, 1s);
    EXPECT_EQ(wait({"last"}).text, "last");
    EXPECT_THROW(wait({"never"}), ConnectionClosedError);
}

TEST_F(Session, ForgetsWhatItHasReadAndWhatStillWaits) {
    console.reads = {"one login: ", "two login: "};
    wait({"one"});
    time.run(session->forget());
    EXPECT_THROW(wait({"login: "}, 5s), JobError);
    console.reads = {"three login: "};
    EXPECT_EQ(wait({"\\w+ login: "}).text, "three login: ");
}

TEST_F(Session, DrainsAnotherNamespaceAsFeedback) {
    console.reads = {"one\r\ntw", "o\r\n"};
    EXPECT_TRUE(time.run(session->drain("other", 500ms)));
    EXPECT_THAT(log.feedback_lines, ElementsAre("other: one", "other: two"));
    EXPECT_FALSE(time.run(session->drain("other", 500ms)));
}

}  // namespace
}  // namespace patchbay
