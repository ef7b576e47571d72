// SPDX-License-Identifier: Apache-2.0
#pragma once
// One run of lava-test-runner on a target, as a state machine: matches of patterns() go in, effects come out.
// No I/O, no clock. Source: lava_dispatcher/actions/test/shell.py, LAVA's texts. Where LAVA 2023.01 loses results
// without a word (a definition that exits early, an open test set, a bad result word) we say so, see the tests.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/console/matcher.hpp"
#include "jobs/journal/log_level.hpp"
#include "jobs/results/signals.hpp"
#include "jobs/results/test_effects.hpp"
#include "jobs/results/test_report.hpp"

namespace patchbay {

/// What is known of a definition before it runs.
struct TestDefinitionInfo {
    std::string name;          ///< "0_smoke": suite of its cases, and its own case in suite lava
    config::Value repository;  ///< URL, or the whole map of an inline definition
    std::string path;
    std::string revision = "unspecified";
    std::string commit_id;  ///< "" when not from git
    std::optional<std::string> parse_pattern;
    std::optional<Fixup> fixup;  ///< of its `parse`, possibly empty; nullopt: no `parse`
    std::vector<std::string> expected;
    bool expected_from_job = false;  ///< the job's list, not the definition's own
};

struct TestRunSettings {
    std::string ns = "common";
    std::string connection_ns;  ///< "" when the same
    std::string level;          ///< of the action
    unsigned stage = 0;
    bool multinode = false;                        ///< tests may speak to the group
    std::vector<std::string> feedback_namespaces;  ///< those that a test may ask to listen to
    std::vector<TestDefinitionInfo> definitions;   ///< of this stage, in order
    /// Those whose list of expected cases an earlier attempt has checked.
    std::set<std::string, std::less<>> expectation_done;
};

class TestRun {
public:
    using Time = std::chrono::nanoseconds;  ///< since any fixed moment
    /// Cases that have begun or ended and have no result yet; no test has so many at once.
    static constexpr std::size_t max_open_cases = 10'000;

    /// Throws: TestError, a parse pattern is invalid.
    explicit TestRun(TestRunSettings settings);

    /// What to wait for now; changes when a definition with a parse pattern begins or ends.
    const PatternSet& patterns() const { return *patterns_; }
    /// `log_lines`: records that the job's log has at this moment. Do the effects in their order.
    TestEffects feed(const Match& match, Time now, std::int64_t log_lines);
    /// What a call to the group came to; its case, which belongs to the definition that runs.
    TestEffects call_answered(const GroupCall& call, bool passed, std::int64_t log_lines);
    /// The run ends without EXIT: time-out, closed connection, cancel, TESTRAISE. Call it before the exception passes.
    TestEffects interrupted(Time now);
    /// After the last attempt: lists of expected cases that the job gave for definitions which did not begin in any.
    TestEffects cleanup();
    const std::set<std::string, std::less<>>& expectation_done() const { return settings_.expectation_done; }

private:
    struct Running {
        const TestDefinitionInfo* definition;  // nullptr: the job does not know it
        std::string name;
        std::string uuid;
        Time start;
    };
    struct Markers {
        std::optional<std::int64_t> start, end;
    };

    void on_signal(const Signal& signal, Time now, TestEffects& out);
    void start_run(const Signal& signal, Time now, TestEffects& out);
    void end_run(const Signal& signal, Time now, TestEffects& out);
    void test_case(const Signal& signal, TestEffects& out);
    void test_set(const Signal& signal, TestEffects& out);
    void test_reference(const Signal& signal, TestEffects& out);
    void on_group_call(const Match& match, TestEffects& out);
    void parse_match(const Match& match, TestEffects& out);
    void runner_exit(Time now, TestEffects& out);

    void fail_unfinished(Time now, TestEffects& out);
    void report_missing(const std::string& suite, TestReport& report, TestEffects& out);
    void report_result(config::Map map, const std::string& name, TestEffects& out);
    Markers* markers_of(const Signal& signal, TestEffects& out);
    void measure(config::Map& map, config::Value measurement, TestEffects& out);
    void count_lines(std::size_t before, const TestEffects& out);
    void set_markers(const std::string& name, config::Map& map);
    const Fixup& fixup() const;
    const TestDefinitionInfo* find_definition(std::string_view name) const;
    void use_patterns(const std::string& definition);
    void close_set();

    void log(LogLevel level, std::string text, TestEffects& out);
    void result(config::Map map, TestEffects& out);

    TestRunSettings settings_;
    PatternSet base_patterns_;
    std::map<std::string, PatternSet, std::less<>> parse_patterns_;  // by definition
    const PatternSet* patterns_;
    std::optional<Running> current_;
    std::string suite_;  // of the last STARTRUN
    const TestDefinitionInfo* suite_definition_ = nullptr;
    std::string set_;  // open test set, or ""
    TestReport report_;
    std::map<std::string, Markers, std::less<>> markers_;
    std::set<std::string, std::less<>> started_;
    bool too_many_markers_ = false;
    bool install_failed_ = false;
    std::int64_t lines_ = 0;
};

}  // namespace patchbay
