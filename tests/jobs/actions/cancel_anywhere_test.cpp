// SPDX-License-Identifier: Apache-2.0
// The one promise to a lab's owner: whenever a job is told to stop, the machine ends up off and the log ends with one
// verdict. The job is run once to count its steps, and then once more for each step, stopped there.

#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

void prepare(SimJob& job) {
    job.step = 500ms;
    job.definition = job_text(deploy_block() +
                              boot_block("    auto_login: {login_prompt: 'login:', username: root}\n"
                                         "    failure_retry: 2\n") +
                              test_block("smoke"));
    auto& board = *job.board;
    board.boot_takes = 500ms;
    board.off_takes = 500ms;
    board.boots_in_turn = {{say("Linux version 6.1\r\n"), hang_up()}};
    board.boot = {pause(1s),      say("Linux version 6.1\r\n"), pause(1s),
                  say("login: "), expect_line("root"),          say_prompt()};
    const std::vector<std::string> cases{"a pass", "b fail"};
    board.answers = {{"lava-test-runner", test_run("0_smoke", "42_1.1.3.1", cases) + std::string{test_exit}, 1s}};
}

/// The first and last 50 points and enough between them, in at most about 400 runs.
std::vector<std::size_t> chosen(std::size_t points) {
    std::vector<std::size_t> some;
    const std::size_t stride = points > 400 ? (points - 100) / 300 + 1 : 1;
    for (std::size_t k = 1; k <= points; k += k < 50 || k + 50 >= points ? 1 : stride) some.push_back(k);
    return some;
}

TEST(CancelAnywhere, LeavesTheMachineOffAndOneVerdict) {
    SimJob whole;
    prepare(whole);
    const auto outcome = whole.run();
    ASSERT_TRUE(outcome.passed()) << outcome.error_msg;
    ASSERT_EQ(whole.board->boots, 2);
    ASSERT_FALSE(whole.left_running);
    ASSERT_GT(whole.handlers, 50u);
    int canceled = 0;
    for (const auto k : chosen(whole.handlers)) {
        SCOPED_TRACE("canceled after " + std::to_string(k) + " of " + std::to_string(whole.handlers) + " steps");
        SimJob job;
        prepare(job);
        job.cancel_after = k;
        const auto stopped = job.run();
        ASSERT_FALSE(job.board->powered);
        ASSERT_GE(job.board->made_safe, 1);
        ASSERT_EQ(job.sink.job_results(), 1u);
        ASSERT_NE(job.sink.records.back().find("\"case\": \"job\""), std::string::npos);
        ASSERT_FALSE(std::filesystem::exists(job.directory()));
        ASSERT_FALSE(job.left_running);
        if (stopped.passed()) continue;  // the actions were over already
        ASSERT_EQ(stopped.error, ErrorType::canceled) << stopped.error_msg;
        ASSERT_EQ(stopped.error_msg, "The job was canceled");
        ++canceled;
    }
    EXPECT_GT(canceled, 30);
}

}  // namespace
}  // namespace patchbay::testing
