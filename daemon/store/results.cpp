// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/results.hpp"

#include "daemon/store/bound_filter.hpp"

namespace patchbay {
namespace {

const std::string case_columns =
    "SELECT test_case.id, test_case.suite, (SELECT name FROM suite WHERE suite.id = test_case.suite), test_case.name, "
    "test_case.result, test_case.measurement, test_case.units, test_case.test_set, (SELECT name FROM test_set WHERE "
    "test_set.id = test_case.test_set), test_case.metadata, test_case.extra, test_case.start_log_line, "
    "test_case.end_log_line, test_case.logged FROM test_case WHERE ";

CaseRow read_case(const Statement& row) {
    CaseRow result;
    result.id.value = row.integer(0);
    result.suite.value = row.integer(1);
    result.suite_name = row.text(2);
    result.name = row.text(3);
    result.result = static_cast<CaseResult>(row.integer(4));
    result.measurement = maybe_text(row, 5);
    result.units = row.text(6);
    if (const auto set = maybe_integer(row, 7)) result.set = SetId{*set};
    result.set_name = maybe_text(row, 8);
    result.metadata = row.text(9);
    result.extra = row.text(10);
    result.start_log_line = maybe_integer(row, 11);
    result.end_log_line = maybe_integer(row, 12);
    result.logged = time_of(row.integer(13));
    return result;
}

std::vector<CaseRow> read_cases(StatementHandle rows) {
    std::vector<CaseRow> cases;
    while (rows->step()) cases.push_back(read_case(*rows));
    return cases;
}

SuiteRow read_suite(const Statement& row) {
    return {SuiteId{row.integer(0)}, JobId{row.integer(1)}, std::string{row.text(2)}};
}

std::optional<SuiteRow> read_one_suite(StatementHandle rows) {
    if (!rows->step()) return std::nullopt;
    return read_suite(*rows);
}

BoundFilter suites_of(JobId job, const Query& query) {
    BoundFilter bound{"suite.job = $1", {job.value}};
    bound.add(query.conditions);
    return bound;
}

BoundFilter cases_of(JobId job, std::optional<SuiteId> suite, const Query& query) {
    BoundFilter bound{"test_case.job = $1", {job.value}};
    if (suite) {
        bound.where = "test_case.suite = $1";
        bound.values = {suite->value};
    }
    bound.add(query.conditions);
    return bound;
}

CaseResult result_of(std::string_view word) {
    if (word == "pass") return CaseResult::pass;
    if (word == "fail") return CaseResult::fail;
    if (word == "skip") return CaseResult::skip;
    return CaseResult::unknown;
}

}  // namespace

NewCase new_case(ReportedCase reported) {
    NewCase row;
    row.suite = std::move(reported.suite);
    row.name = std::move(reported.name);
    row.result = result_of(reported.result);
    row.measurement = std::move(reported.measurement);
    row.units = std::move(reported.units);
    row.set = std::move(reported.set);
    row.metadata = std::move(reported.metadata);
    row.extra = std::move(reported.extra);
    row.start_log_line = reported.start_log_line;
    row.end_log_line = reported.end_log_line;
    return row;
}

CaseId Results::add_case(JobId job, const NewCase& result) {
    constexpr auto find_suite = "SELECT id FROM suite WHERE job = $1 AND name = $2";
    constexpr auto find_set = "SELECT id FROM test_set WHERE suite = $1 AND name = $2";
    constexpr auto insert_case = R"sql(
        INSERT INTO test_case (job, suite, test_set, name, result, measurement, units, metadata, extra, start_log_line,
            end_log_line, logged)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    )sql";
    const auto find_or_make = [&](const char* find, const char* make, auto owner, const std::string& name) {
        if (auto row = db_.run(find, owner, name); row->step()) return row->integer(0);
        db_.change(make, owner, name);
        return db_.last_id();
    };
    const auto suite =
        find_or_make(find_suite, "INSERT INTO suite (job, name) VALUES ($1, $2)", job.value, result.suite);
    std::optional<std::int64_t> set;
    if (result.set)
        set = find_or_make(find_set, "INSERT INTO test_set (suite, name) VALUES ($1, $2)", suite, *result.set);
    db_.change(insert_case, job, suite, set, result.name, result.result, result.measurement, result.units,
               result.metadata, result.extra, result.start_log_line, result.end_log_line, result.logged);
    return CaseId{db_.last_id()};
}

std::vector<SuiteRow> Results::suites(JobId job, const Query& query) {
    const auto bound = suites_of(job, query);
    auto rows = bound.page(
        db_,
        "SELECT id, job, name FROM suite WHERE " + bound.where + " ORDER BY " + order_sql(query.ordering, "suite.id"),
        query);
    std::vector<SuiteRow> suites;
    while (rows->step()) suites.push_back(read_suite(*rows));
    return suites;
}

std::int64_t Results::count_suites(JobId job, const Query& query) {
    const auto bound = suites_of(job, query);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM suite WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

std::optional<SuiteRow> Results::suite(JobId job, SuiteId suite) {
    return read_one_suite(db_.run("SELECT id, job, name FROM suite WHERE id = $1 AND job = $2", suite, job));
}

std::optional<SuiteRow> Results::suite(JobId job, const std::string& name) {
    return read_one_suite(db_.run("SELECT id, job, name FROM suite WHERE job = $1 AND name = $2", job, name));
}

std::vector<CaseRow> Results::tests(JobId job, std::optional<SuiteId> suite, const Query& query) {
    const auto bound = cases_of(job, suite, query);
    return read_cases(
        bound.page(db_, case_columns + bound.where + " ORDER BY " + order_sql(query.ordering, "test_case.id"), query));
}

std::int64_t Results::count_tests(JobId job, std::optional<SuiteId> suite, const Query& query) {
    const auto bound = cases_of(job, suite, query);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM test_case WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

std::optional<CaseRow> Results::test(JobId job, CaseId id) {
    static const auto sql = case_columns + "test_case.id = $1 AND test_case.job = $2";
    auto row = db_.run(sql, id, job);
    if (!row->step()) return std::nullopt;
    return read_case(*row);
}

std::vector<CaseRow> Results::export_rows(JobId job, std::optional<SuiteId> suite, std::int64_t limit,
                                          std::int64_t offset) {
    Query page;
    page.limit = limit == 0 ? -1 : limit;
    page.offset = offset;
    return tests(job, suite, page);
}

bool Results::set_aside(JobId job, int attempt) {
    constexpr auto copy = R"sql(
        INSERT INTO past_case (job, attempt, suite, test_set, name, result, measurement, units, metadata, extra,
            start_log_line, end_log_line, logged)
        SELECT c.job, $1, suite.name, test_set.name, c.name, c.result, c.measurement, c.units, c.metadata, c.extra,
            c.start_log_line, c.end_log_line, c.logged
        FROM test_case c JOIN suite ON suite.id = c.suite LEFT JOIN test_set ON test_set.id = c.test_set
        WHERE c.job = $2 ORDER BY c.id LIMIT 500
    )sql";
    constexpr auto remove = R"sql(
        DELETE FROM test_case WHERE id IN (SELECT id FROM test_case WHERE job = $1 ORDER BY id LIMIT 500)
    )sql";
    db_.change(copy, attempt, job);
    if (db_.change(remove, job) == 500) return true;
    db_.change("DELETE FROM suite WHERE job = $1", job);  // their sets go with them
    return false;
}

std::vector<CaseRow> Results::past(JobId job, int attempt, std::int64_t limit) {
    constexpr auto sql = R"sql(
        SELECT 0, 0, suite, name, result, measurement, units, NULL, test_set, metadata, extra, start_log_line,
            end_log_line, logged
        FROM past_case WHERE job = $1 AND attempt = $2 ORDER BY id LIMIT $3
    )sql";
    return read_cases(db_.run(sql, job, attempt, limit));
}

std::optional<CaseRow> Results::job_verdict(JobId job) {
    static const auto sql = case_columns +
                            "test_case.suite = (SELECT id FROM suite WHERE job = $1 AND name = 'lava') "
                            "AND test_case.name = 'job' ORDER BY test_case.id DESC LIMIT 1";
    auto row = db_.run(sql, job);
    if (!row->step()) return std::nullopt;
    return read_case(*row);
}

}  // namespace patchbay
