// SPDX-License-Identifier: Apache-2.0
// A runner that does nothing any more, after the time of its job.
#include "tests/daemon/supervise/lab_fixture.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

using namespace testing;

class StandstillTest : public LabTest {
protected:
    void expect_end_after_a_minute(const std::string& definition, std::optional<std::chrono::seconds> run_limit);
};

void StandstillTest::expect_end_after_a_minute(const std::string& definition,
                                               std::optional<std::chrono::seconds> run_limit) {
    stop_daemon();
    VirtualTime time{lab.io};
    start_daemon();
    const auto until_later = [&](auto condition) {
        until([&] {
            Clock::moved += 100ms;
            return condition();
        });
    };
    const auto begin = Clock::now();
    const auto power_off = 10s;  // as the template of its device has it
    const auto job = submit(definition, run_limit);
    until_later([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    ::kill(pid, SIGSTOP);
    time.advance(begin + 1min + times.overtime + power_off - 10s - Clock::now(), 1s);
    EXPECT_EQ(job_row(job).state, JobState::running);
    EXPECT_EQ(::kill(pid, 0), 0) << "it may still come to its end";
    time.advance(20s, 1s);
    until_later([&] { return job_row(job).state == JobState::finished; });
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_NE(log_text(job).find("did not end when the job's time was out: killed by signal 9"), std::string::npos)
        << log_text(job);
    EXPECT_NE(Results{lab.reader()}.job_verdict(job)->metadata.find("error_type: Infrastructure"), std::string::npos);
    EXPECT_EQ(safe_runs(), 1);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
}

TEST_F(StandstillTest, ARunnerThatStandsStillIsEndedSomeTimeAfterItsJobsTimeOut) {
    expect_end_after_a_minute("running\nlog x\nwait-for never\n", 1min);
}

TEST_F(StandstillTest, OfAJobFromATimeBeforeItWasStoredTheDefinitionTellsTheTimeOut) {
    expect_end_after_a_minute(
        "timeouts: {job: {minutes: 1}}\nactions: [{test: {}}]\nscript:\n- |\n running\n log x\n wait-for never\n", {});
}

}  // namespace
}  // namespace patchbay
