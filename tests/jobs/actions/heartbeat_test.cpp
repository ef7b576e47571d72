// SPDX-License-Identifier: Apache-2.0
// Whoever follows a job's log sees that it lives, also while its machine says nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/actions/heartbeat.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> beats(const SimJob& job) {
    std::vector<std::string> found;
    for (const auto& text : job.sink.texts("debug")) {
        if (text.find("nothing was said") != std::string::npos) found.push_back(text);
    }
    return found;
}

TEST(Heartbeat, ASilentActionSaysEachMinuteThatTheJobGoesOn) {
    SimJob job;
    job.definition = job_text(deploy_block() + boot_block());
    job.board->boot = {say("[    0.0] Linux version 6.1\r\n"), pause(115s), say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(beats(job), ElementsAre("The job goes on; nothing was said for 60 seconds"));
    EXPECT_FALSE(job.left_running);
}

TEST(Heartbeat, TheSilenceIsCountedFromTheLastWordOfSomebodyElse) {
    SimJob job;
    job.definition = job_text(deploy_block() + boot_block("    timeout: {minutes: 10}\n"));
    job.board->boot = {say("[    0.0] Linux version 6.1\r\n"), pause(150s), say("a word\r\n"), pause(70s),
                       say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(beats(job), ElementsAre("The job goes on; nothing was said for 60 seconds",
                                        "The job goes on; nothing was said for 120 seconds",
                                        "The job goes on; nothing was said for 60 seconds"));
}

TEST(Heartbeat, AJobThatTalksHasNone) {
    SimJob job;
    job.definition = job_text(deploy_block() + boot_block());
    for (int i = 0; i < 10; ++i) {
        job.board->boot.push_back(say("[    0.0] Linux version 6.1\r\n"));
        job.board->boot.push_back(pause(10s));
    }
    job.board->boot.push_back(say_prompt());
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(beats(job), ElementsAre());
}

}  // namespace
}  // namespace patchbay::testing
