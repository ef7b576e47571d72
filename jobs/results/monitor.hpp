// SPDX-License-Identifier: Apache-2.0
#pragma once
// One entry of a `monitors` test as a state machine: wait for start, then collect matches until the end string.
// Source: lava_dispatcher/actions/test/monitor.py, LAVA's texts.

#include <string>
#include <vector>

#include "jobs/console/matcher.hpp"
#include "jobs/results/signals.hpp"
#include "jobs/results/test_effects.hpp"
#include "jobs/results/test_report.hpp"

namespace patchbay {

struct MonitorSettings {
    std::string name;  ///< as in the job; the suite is suite_of_monitor(name)
    std::string start;
    std::string end;
    std::string pattern;
    Fixup fixup;
    std::vector<std::string> expected;
    std::string level;  ///< of the action
};

/// Lower case, blanks to "-"; no number.
std::string suite_of_monitor(std::string_view name);
/// What becomes of a test_case_id: stripped, lower case, each run of other than word characters one "_".
std::string case_of_monitor(std::string_view id);

class Monitor {
public:
    /// Throws: TestError, one of the expressions is invalid.
    explicit Monitor(MonitorSettings settings);

    /// What to wait for now, each time with the connection timeout.
    const PatternSet& patterns() const { return started_ ? running_ : waiting_; }
    /// Has the start string come? Before, a time-out is JobError "wait for prompt timed out".
    bool started() const { return started_; }
    /// For the log, before the first wait.
    LogLine begin() const;
    /// An EndEffect tells that the end string came.
    TestEffects feed(const Match& match);
    /// Nothing matched in time after the start: the entry just ends, as in LAVA, but loudly.
    TestEffects timed_out();
    /// It ends without its end string: time-out of the action, closed connection, cancel.
    TestEffects interrupted();

private:
    void test_case(const Match& match, TestEffects& out);
    void report_missing(TestEffects& out);

    MonitorSettings settings_;
    std::string suite_;
    PatternSet waiting_;
    PatternSet running_;
    TestReport report_;
    bool started_ = false;
};

}  // namespace patchbay
