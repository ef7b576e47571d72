// SPDX-License-Identifier: Apache-2.0
#include "core/process/run_command.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using testing::run;

Command shell(std::string script) {
    Command command;
    command.argv = {"sh", "-c", std::move(script)};
    return command;
}

struct Collected {
    CommandResult result;
    std::vector<std::string> lines;
};

Collected collect(Command command, Deadline deadline = Deadline::in(60s)) {
    asio::io_context io;
    Collected collected;
    OnLine on_line = [&collected](std::string_view line) { collected.lines.emplace_back(line); };
    collected.result = run(io, run_command(std::move(command), std::move(on_line), deadline));
    return collected;
}

TEST(RunCommand, GivesEveryLineAndTheExitCode) {
    const auto done = collect(shell("printf 'one\\r\\ntwo\\n\\nlast without end'; echo oops >&2; exit 5"));
    EXPECT_EQ(done.result.exit_code, 5);
    EXPECT_EQ(done.lines, (std::vector<std::string>{"one", "two", "", "last without endoops"}));
}

TEST(RunCommand, ItsInputIsEmpty) { EXPECT_EQ(collect(shell("cat; echo end")).lines, std::vector<std::string>{"end"}); }

TEST(RunCommand, ALineWithoutEndIsGivenInBoundedPieces) {
    const auto done = collect(shell("head -c 300000 /dev/zero | tr '\\0' x"));
    std::size_t total = 0;
    for (const auto& line : done.lines) {
        EXPECT_LE(line.size(), 64U * 1024 + 32 * 1024);
        total += line.size();
    }
    EXPECT_EQ(total, 300000U);
    EXPECT_GT(done.lines.size(), 1U);
}

TEST(RunCommand, DoesNotWaitForWhatTheCommandLeftInTheBackground) {
    const auto done = collect(shell("sleep 300 & echo $!"));
    EXPECT_TRUE(done.result.ok());
    ASSERT_EQ(done.lines.size(), 1U);
    const auto background = std::stoi(done.lines[0]);
    EXPECT_EQ(::kill(background, 0), 0);
    ::kill(background, SIGKILL);
}

TEST(RunCommand, TooLongIsATimeOutAndTheCommandIsGone) {
    asio::io_context io;
    std::string pid;
    OnLine on_line = [&pid](std::string_view line) { pid = line; };
    EXPECT_THROW(run(io, run_command(shell("echo $$; exec sleep 300"), std::move(on_line), Deadline::in(200ms))),
                 TimedOut);
    if (!pid.empty()) {
        EXPECT_NE(::kill(std::stoi(pid), 0), 0);
    }
}

TEST(RunCommand, CapturedTextIsCutAtItsLimit) {
    asio::io_context io;
    const auto output = run(io, capture_command(shell("echo 123456789"), Deadline::in(60s), 4));
    EXPECT_EQ(output.text, "1234");
    EXPECT_EQ(output.exit_code, 0);
}

}  // namespace
}  // namespace patchbay
