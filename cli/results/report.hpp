// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a job went: its cases and its end, from a server's answers or from the log of a run on this machine.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit.hpp"
#include "core/config/value.hpp"

namespace patchbay::cli {

struct TestCase {
    std::string suite;  ///< "lava" holds the job's own steps
    std::string set;    ///< may be empty
    std::string name;
    std::string result;  ///< pass fail skip unknown; empty: it was expected and did not run
    std::string mark;    ///< beside what a portable job expects, as `patchbay compare` has it; empty: nothing was said
    std::string measurement;
    std::string unit;
    std::string error_type;  ///< LAVA's word, of failed cases of the suite "lava"
    std::string error_msg;
};

struct Report {
    std::string job;    ///< id
    std::string title;  ///< job_name
    std::string device;
    std::string state;  ///< LAVA's display names
    std::string health;
    std::optional<std::chrono::seconds> duration;
    std::string error_type;  ///< of the case lava/job, when it failed
    std::string error_msg;
    std::vector<TestCase> cases;  ///< in the order they were reported

    bool finished() const { return state == "Finished"; }
};

struct Counts {
    std::size_t total = 0, pass = 0, fail = 0, skip = 0, unknown = 0;
};

/// The job's own steps are not counted: a boot that worked at the second attempt left a failed step behind, and the
/// job is fine. Nor is what did not run.
Counts count_tests(const Report& report);

/// What `submit --wait` and `run` end with: Complete and nothing failed, or all is as expected: ok; Complete:
/// failed_cases; else broken.
Exit verdict(const Report& report);

/// A case from a results record of the log (its `msg`).
TestCase case_from_record(const config::Value& message);

/// Appends the case; lava/job also says how the job ended.
void add_case(Report& report, TestCase result);

/// One object: job, state, health, error, counts, cases, exit_code.
config::Value report_json(const Report& report);

/// Seconds between two API times ("2026-11-22T06:49:22.740294Z"); nullopt when one is missing.
std::optional<std::chrono::seconds> seconds_between(std::string_view start, std::string_view end);

}  // namespace patchbay::cli
