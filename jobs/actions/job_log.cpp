// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/job_log.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "jobs/journal/log_record.hpp"

namespace patchbay {
namespace {

/// Keys of a result without which it is none: a secret such as `1` or `pass` is no secret there.
bool names_or_judges(const config::Value& key) {
    constexpr std::array<std::string_view, 7> keys{"definition", "case",     "set",       "level",
                                                   "result",     "duration", "error_type"};
    return std::find(keys.begin(), keys.end(), config::text_or_empty(&key)) != keys.end();
}

}  // namespace

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

void JobLog::mask(std::vector<std::string> secrets) {
    std::erase_if(secrets, [](const std::string& secret) { return secret.empty(); });
    // The longest first: one secret may hold another.
    std::sort(secrets.begin(), secrets.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    secrets_ = std::move(secrets);
}

std::string_view JobLog::masked(std::string_view text) {
    const bool clean = std::none_of(secrets_.begin(), secrets_.end(), [text](const std::string& secret) {
        return text.find(secret) != std::string_view::npos;
    });
    if (clean) return text;
    masked_ = text;
    for (const auto& secret : secrets_) {
        for (auto at = masked_.find(secret); at != std::string::npos; at = masked_.find(secret, at)) {
            masked_.replace(at, secret.size(), "[MASKED]");
            at += 8;
        }
    }
    return masked_;
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
    auto masked = *value.as_map();
    for (auto& entry : masked) {
        if (!names_or_judges(entry.key)) entry.value = masked_value(std::move(entry.value));
    }
    append_result_record(record_, wall_now(), masked);
    count_record();
    sink_.result(record_);
}

config::Value JobLog::masked_value(config::Value value) {
    if (secrets_.empty()) return value;
    if (const auto* text = value.as_string()) return std::string{masked(*text)};
    if (auto* list = value.as_list()) {
        for (auto& item : *list) item = masked_value(std::move(item));
    } else if (auto* map = value.as_map()) {
        for (auto& entry : *map) entry.value = masked_value(std::move(entry.value));
    }
    return value;
}

}  // namespace patchbay
