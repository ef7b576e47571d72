// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "jobs/actions/action.hpp"
#include "jobs/console/session.hpp"
#include "jobs/results/test_run.hpp"

namespace patchbay {

class Overlay;
struct NamespaceState;

/// Starts lava-test-runner on a console and follows its signals until it is done.
class TestShell : public Action {
public:
    explicit TestShell(std::string name = "lava-test-shell");

    /// A second attempt may find nothing left to run: what is missing is known after the last one.
    void report_expected(JobContext& job);

protected:
    ErrorType timeout_type() const override { return ErrorType::lava_timeout; }
    Task<> run(JobContext& job, Deadline deadline) override;

    /// Where it types. Default: the console of the block.
    virtual ConsoleSession& console(JobContext& job);

private:
    const std::string& overlay_namespace(JobContext& job) const;
    TestRunSettings settings_for(const JobContext& job, const Overlay& overlay, int stage) const;
    Task<> start_runner(JobContext& job, ConsoleSession& console, const NamespaceState& state, int stage,
                        Deadline deadline);
    Task<> command(ConsoleSession& console, const PatternSet& prompts, std::string text, Deadline deadline) const;
    Task<bool> follow(JobContext& job, ConsoleSession& console, TestRun& test, Deadline deadline);

    Clock::time_point started_{};
    std::optional<TestRun> test_;  // the last attempt
};

}  // namespace patchbay
