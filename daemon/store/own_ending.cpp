// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/own_ending.hpp"

#include "daemon/store/logs.hpp"
#include "daemon/store/results.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/case.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

std::string_view help_for(const std::string& error_type) {
    for (const auto type :
         {ErrorType::infrastructure, ErrorType::job, ErrorType::configuration, ErrorType::bug, ErrorType::canceled})
        if (to_string(type) == error_type) return help_text(type);
    return help_text(ErrorType::bug);
}

}  // namespace

OwnEnding own_ending(const std::string& error_type, const std::string& message, WallTime now) {
    OwnEnding ending;
    ending.lines.resize(2);
    append_log_record(ending.lines[0], now, LogLevel::error, message);
    append_log_record(ending.lines[1], now, LogLevel::error, help_for(error_type));
    append_result_record(ending.verdict, now, make_job_fail(error_type, message));
    return ending;
}

void store_result(Database& db, JobId job, const config::Map& result, WallTime now) {
    std::vector<std::string> line(1);
    append_result_record(line[0], now, result);
    Logs{db}.append(job, line);
    auto reading = read_case(config::Value{result}, job);
    if (!reading.test_case) return;
    auto row = new_case(std::move(*reading.test_case));
    row.logged = now;
    Results{db}.add_case(job, row);
}

void store_own_ending(Database& db, JobId job, const std::string& error_type, const std::string& message,
                      WallTime now) {
    Logs{db}.append(job, own_ending(error_type, message, now).lines);
    store_result(db, job, make_job_fail(error_type, message), now);
}

}  // namespace patchbay
