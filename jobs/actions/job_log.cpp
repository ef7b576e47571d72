// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/job_log.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "jobs/journal/log_record.hpp"

namespace patchbay {

config::Value sorted(const config::Value& value) {
    if (const auto* list = value.as_list()) {
        config::List out;
        for (const auto& item : *list) out.push_back(sorted(item));
        return out;
    }
    const auto* map = value.as_map();
    if (!map) return value;
    std::vector<config::Map::Entry> entries(map->begin(), map->end());
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return config::python_str(a.key) < config::python_str(b.key);
    });
    config::Map out;
    for (auto& entry : entries) out.set(std::move(entry.key), sorted(entry.value));
    return out;
}

bool JobLog::takes_target_lines() const {
    if (bytes_ < limit_) return true;
    if (farewell_) return false;
    throw JobError{"the job's log has " + std::to_string(bytes_) +
                   " bytes, more than the lab allows ('log_limit'); let the target print less"};
}

void JobLog::target(std::string_view line) {
    if (takes_target_lines()) write(LogLevel::target, line);
}

void JobLog::count_record() {
    ++lines_;
    newest_ = Clock::now();
    bytes_ += record_.size();
}

void JobLog::write(LogLevel level, std::string_view text) {
    record_.clear();
    append_log_record(record_, wall_now(), level, masked(text));
    count_record();
    sink_.log(record_);
}

void JobLog::feedback(std::string_view ns, std::string_view line) {
    if (!takes_target_lines()) return;
    record_.clear();
    append_feedback_record(record_, wall_now(), ns, masked(line));
    count_record();
    sink_.log(record_);
}

void JobLog::results(config::Map message) {
    record_.clear();
    const auto value = sorted(std::move(message));
    append_result_record(record_, wall_now(), mask_.masked_result(*value.as_map()));
    count_record();
    sink_.result(record_);
}

void JobLog::artifact(const Artifact& artifact) {
    const auto size = artifact.bytes.size();
    auto& kept = artifact_sizes_[artifact.name];
    std::string reason;
    if (artifact_bytes_ - kept + size > most_artifact_bytes) {
        reason = "has " + std::to_string(size) + " bytes, and all artifacts of a job may have " +
                 std::to_string(most_artifact_bytes);
    } else if (artifact_bytes_written_ + size > most_artifact_bytes_written) {
        reason = "comes after " + std::to_string(artifact_bytes_written_) +
                 " bytes of artifacts, which is as much as a job may write when it repeats";
    }
    if (!reason.empty())
        return warning("'" + artifact.name + "' is not kept: it " + reason +
                       "; capture for a shorter time or fewer times" +
                       (kept > 0 ? " (an earlier one of this name stays)" : ""));
    artifact_bytes_ += size - kept;
    artifact_bytes_written_ += size;
    kept = size;
    sink_.artifact(artifact);
}

}  // namespace patchbay
