// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job on a machine that boots to a shell, for the tests of test actions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {

struct TestAction : ::testing::Test {
    SimJob job;
    TestAction() { job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()}; }

    void TearDown() override {
        EXPECT_FALSE(job.board->powered);
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_FALSE(job.left_running);
    }

    /// The results from the boot's on.
    std::vector<std::string> results() const {
        auto cases = job.sink.cases();
        const auto boot = std::find(cases.begin(), cases.end(), "lava/login-action pass");
        if (boot == cases.end()) return cases;
        return {boot + 1, cases.end()};
    }
};

}  // namespace patchbay::testing
