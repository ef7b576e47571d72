// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/board_commands.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

struct BoardCommandsTest : ::testing::Test {
    asio::io_context io;
    BoardCommands commands{io.get_executor()};
    Timer board{io, Clock::time_point::max()};  ///< answers when it is cancelled
    const JobId job{12};

    ~BoardCommandsTest() override { run(io, commands.stop()); }
    static Task<BoardAnswer> work(Timer& timer, std::string text) {
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        BoardAnswer answer;
        answer.text = std::move(text);
        co_return answer;
    }
    static Task<BoardAnswer> broken() {
        throw InfrastructureError{"the disk is full"};
        co_return BoardAnswer{};
    }
};

TEST_F(BoardCommandsTest, WhatTakesLongGoesOnWhenNobodyWaits) {
    const auto number = commands.start(job, "write image", work(board, "written"));
    ASSERT_TRUE(number);
    run(io, commands.wait(*number, 0s));
    EXPECT_FALSE(commands.find(job, *number)->done);
    EXPECT_TRUE(commands.under_way(job, "write"));
    EXPECT_FALSE(commands.under_way(job, "power"));
    EXPECT_FALSE(commands.under_way(JobId{13}, "write"));
    EXPECT_EQ(commands.find(JobId{13}, *number), nullptr) << "it is another lease's";
    board.cancel();
    run(io, commands.wait(*number, std::chrono::hours{1}));
    const auto entry = commands.find(job, *number);
    ASSERT_TRUE(entry->done);
    EXPECT_EQ(entry->answer->text, "written");
    EXPECT_FALSE(commands.under_way(job, "write"));
}

TEST_F(BoardCommandsTest, WhatNeverCameToTheRunnerIsAFailure) {
    const auto number = commands.start(job, "power on", broken());
    run(io, commands.wait(*number, std::chrono::hours{1}));
    const auto entry = commands.find(job, *number);
    EXPECT_TRUE(entry->done);
    EXPECT_FALSE(entry->answer);
    EXPECT_THROW(std::rethrow_exception(entry->failure), InfrastructureError);
}

TEST_F(BoardCommandsTest, AreBoundedForOneLeaseAndForAll) {
    std::int64_t first = 0;
    for (std::size_t i = 0; i < BoardCommands::most_under_way; ++i) {
        const auto number = commands.start(job, "power on", work(board, "on"));
        ASSERT_TRUE(number);
        if (first == 0) first = *number;
    }
    EXPECT_FALSE(commands.start(job, "power on", work(board, "on")));
    const auto other = commands.start(JobId{13}, "power on", broken());
    ASSERT_TRUE(other) << "another lease is not held up";
    for (std::size_t i = 0; i < BoardCommands::most_kept; ++i)
        run(io, commands.wait(*commands.start(JobId{14}, "power on", broken()), std::chrono::hours{1}));
    EXPECT_EQ(commands.find(JobId{13}, *other), nullptr) << "it was long ago";
    EXPECT_TRUE(commands.find(job, first)) << "what is under way is kept";
    board.cancel();
}

TEST_F(BoardCommandsTest, ALaterDaemonGivesNoNumberAgain) {
    const auto number = commands.start(job, "power on", broken());
    const auto started = std::chrono::duration_cast<std::chrono::milliseconds>(wall_now().time_since_epoch());
    EXPECT_GT(*number, started.count() - 60'000);
    EXPECT_GT(*commands.start(job, "power on", broken()), *number);
}

}  // namespace
}  // namespace patchbay::testing
