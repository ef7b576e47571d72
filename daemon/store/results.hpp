// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/query.hpp"
#include "daemon/store/rows.hpp"
#include "jobs/results/case.hpp"

namespace patchbay {

/// A case to store; suite and set are named and made on first use.
struct NewCase {
    std::string suite;
    std::string name;
    CaseResult result = CaseResult::unknown;
    std::optional<std::string> measurement;  ///< "12.5000000000"
    std::string units;
    std::optional<std::string> set;
    std::string metadata;  ///< YAML text
    std::string extra;     ///< JSON, "" when none
    std::optional<std::int64_t> start_log_line, end_log_line;
    WallTime logged{};
};

/// A case as it was reported, without the time at which it is stored.
NewCase new_case(ReportedCase reported);

class Results {
public:
    explicit Results(Database& db) : db_{db} {}

    CaseId add_case(JobId job, const NewCase& result);

    std::vector<SuiteRow> suites(JobId job, const Query& query);
    std::int64_t count_suites(JobId job, const Query& query);
    /// nullopt also when the suite belongs to another job.
    std::optional<SuiteRow> suite(JobId job, SuiteId suite);
    std::optional<SuiteRow> suite(JobId job, const std::string& name);

    /// Cases of the job, or of one of its suites; ordered by id unless the query says otherwise.
    std::vector<CaseRow> tests(JobId job, std::optional<SuiteId> suite, const Query& query);
    std::int64_t count_tests(JobId job, std::optional<SuiteId> suite, const Query& query);
    std::optional<CaseRow> test(JobId job, CaseId id);

    /// For exports: cases by id across suites; `limit` 0: all.
    std::vector<CaseRow> export_rows(JobId job, std::optional<SuiteId> suite, std::int64_t limit = 0,
                                     std::int64_t offset = 0);
    /// What the job has now belongs to an attempt that another will follow: nothing of it is among the functions above
    /// any more. A piece of it, as a job may have very many results. False: that was the last one.
    bool set_aside(JobId job, int attempt);
    /// Of an attempt that was set aside, in the order in which they came; ids are 0.
    std::vector<CaseRow> past(JobId job, int attempt, std::int64_t limit);
    /// The `lava/job` case, when the job has one.
    std::optional<CaseRow> job_verdict(JobId job);

private:
    Database& db_;
};

}  // namespace patchbay
