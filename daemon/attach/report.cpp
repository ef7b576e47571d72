// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/report.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/supervise/ending.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

// Encoded they are up to three times as many bytes; servers take 16 MiB, those before which a proxy is often less.
constexpr std::size_t most_bytes = 512 * 1024;
constexpr std::string_view line_start = "- ";

/// "" when the line is none; else when the verdict was given, in the form of the log.
std::string time_of_verdict(std::string_view line) {
    // Nearly all lines end here.
    if (line.find("\"results\"") == std::string_view::npos || line.find("\"job\"") == std::string_view::npos) return {};
    try {
        const auto record = config::parse_json(line.substr(line_start.size()));
        const auto* message = record.find("msg");
        if (config::string_or_empty(record.find("lvl")) != "results" || !message) return {};
        const bool is_verdict = config::string_or_empty(message->find("definition")) == "lava" &&
                                config::string_or_empty(message->find("case")) == "job";
        return is_verdict ? config::string_or_empty(record.find("dt")) : std::string{};
    } catch (const config::YamlError&) {
        return {};
    }
}

std::string as_message(std::string_view line) {
    const auto record = config::parse_json(line.substr(line_start.size()));
    config::Map map;
    map.set("dt", config::string_or_empty(record.find("dt")));
    map.set("lvl", "debug");
    map.set("msg", "verdict of an attempt that others follow: " + config::dump_json(*record.find("msg")));
    return std::string{line_start} + config::dump_flow(config::Value{std::move(map)});
}

/// What is known of the verdicts in a job's log.
class Verdicts {
public:
    Verdicts(Database& db, const JobRow& job) : is_over_{job.state == JobState::finished} {
        for (const auto& lease : Leases{db}.attempts(job.id)) {
            if (!lease.requeue || !lease.ended) continue;
            if (is_over_ && job.end_time && *lease.ended >= *job.end_time) continue;  // it was the last all the same
            superseded_until_ = std::max(superseded_until_, format_log_time(*lease.ended));
        }
    }
    bool is_superseded(const std::string& time) const { return time <= superseded_until_; }
    bool may_change() const { return !is_over_; }

private:
    bool is_over_;
    std::string superseded_until_;  // the form sorts as the times do
};

Report lines_of(std::string_view text, const Verdicts& verdicts) {
    Report report;
    report.kind = Report::Kind::lines;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (report.count > 0 && report.lines.size() + line.size() > most_bytes) break;
        std::string told{line};
        if (const auto time = time_of_verdict(line); !time.empty()) {
            if (verdicts.is_superseded(time))
                told = as_message(line);
            else if (verdicts.may_change())
                break;
        }
        if (report.count > 0) report.lines += '\n';
        report.lines += told;
        ++report.count;
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    if (report.count == 0) report.kind = Report::Kind::nothing;
    return report;
}

RemoteEnd end_of(Database& db, const JobRow& job) {
    RemoteEnd end;
    end.passed = job.health == JobHealth::complete;
    if (end.passed) return end;
    const auto verdict = stored_verdict(db, job.id);
    const auto otherwise = job.health == JobHealth::canceled ? ErrorType::canceled : ErrorType::infrastructure;
    end.error_type = verdict && !verdict->error_type.empty() ? verdict->error_type : to_string(otherwise);
    end.errors = job.failure_comment.value_or("");
    return end;
}

}  // namespace

Report next_report(Database& db, LogCache* cache, const AttachedJobRow& attached, std::int64_t limit) {
    Report report;
    const auto job = Jobs{db}.find(attached.job);
    if (!job) {
        report.kind = Report::Kind::end;
        report.end = {false, std::string{to_string(ErrorType::infrastructure)}, "its worker has lost the job"};
        return report;
    }
    const bool over = job->state == JobState::finished;
    const bool has_run = job->state == JobState::running || (over && !Leases{db}.attempts(job->id).empty());
    if (!attached.running_told && has_run) {
        report.kind = Report::Kind::running;
        return report;
    }
    const auto from = attached.lines_sent;
    const auto text = Logs{db, cache}.read(job->id, from, from + limit, most_bytes);
    if (!text.empty()) return lines_of(text, Verdicts{db, *job});
    if (!over) return report;
    report.kind = Report::Kind::end;
    report.end = end_of(db, *job);
    return report;
}

std::string unsent_line(std::int64_t bytes, WallTime now) {
    auto result = make_result("lava", "log-upload", "fail");
    result.set("error_msg", "the server refused a line of " + std::to_string(bytes) + " bytes");
    std::string record;
    append_result_record(record, now, result);
    return std::string{line_start} + record;
}

}  // namespace patchbay
