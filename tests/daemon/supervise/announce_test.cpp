// SPDX-License-Identifier: Apache-2.0
// What a job wants to be told is in the outbox at the moment at which its state can be seen.
#include <algorithm>

#include "daemon/store/outbox.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AnnounceAtStateTest : public LabTest {
protected:
    /// YAML that asks to be told, and the script of the runner in it.
    JobId submit_told(const std::string& script) {
        std::string text =
            "notify: {criteria: {status: all}, callbacks: [{url: 'http://a/{STATE}/{HEALTH}'}]}\nscript: |\n";
        std::istringstream lines{script};
        for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
        return submit(text);
    }
    std::vector<std::string> told(JobId job) {
        std::vector<std::string> addresses;
        for (const auto& row : Outbox{lab.reader()}.of_job(job)) addresses.push_back(row.address);
        return addresses;
    }
};

using Lines = std::vector<std::string>;

TEST_F(AnnounceAtStateTest, RunningAndFinishedAreToldWithTheirStates) {
    const auto job = submit_told("running\nlog hello\nwait-for go\nresult t1\nverdict pass\npass\n");
    until_state(job, JobState::running);
    EXPECT_EQ(told(job), Lines{"http://a/3/0"});
    make_file("go");
    until([&] { return !told(job).empty() && told(job).size() == 2; });
    EXPECT_EQ(job_row(job).state, JobState::finished) << "in one transaction";
    EXPECT_EQ(cases(job).size(), 2u) << "with the last result";
    EXPECT_EQ(told(job)[1], "http://a/5/1");
    until_finished(job);
}

TEST_F(AnnounceAtStateTest, EveryWayToEndIsToldOnceAndHasItsVerdict) {
    const std::pair<const char*, const char*> ends[] = {
        {"running\npass\n", "http://a/5/1"},
        {"running\nfail Test broken\n", "http://a/5/2"},
        {"running\nsync\ndie 9\n", "http://a/5/2"},
        {"exit 3\n", "http://a/5/2"},
        {"running\nverdict Job wrong\nsync\ndie 9\n", "http://a/5/2"},
    };
    for (const auto& [script, url] : ends) {
        const auto job = submit_told(script);
        until_finished(job);
        const auto all = told(job);
        EXPECT_EQ(std::count(all.begin(), all.end(), url), 1) << script;
        const auto rows = cases(job);
        const auto is_verdict = [](const CaseRow& row) { return row.suite_name == "lava" && row.name == "job"; };
        EXPECT_EQ(std::count_if(rows.begin(), rows.end(), is_verdict), 1) << script;
    }
}

TEST_F(AnnounceAtStateTest, ACanceledJobIsToldAsCanceledWhereverItWas) {
    const auto running = submit_told("running\nwait-for-cancel\n");
    const auto queued = submit_told("running\npass\n");
    until_state(running, JobState::running);
    cancel(queued);
    EXPECT_EQ(told(queued), Lines{"http://a/5/3"});
    cancel(running);
    until_finished(running);
    EXPECT_EQ(told(running), (Lines{"http://a/3/0", "http://a/5/3"}));
}

}  // namespace
}  // namespace patchbay
