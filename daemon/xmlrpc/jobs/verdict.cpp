// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/jobs/verdict.hpp"

#include "core/config/yaml.hpp"
#include "daemon/store/results.hpp"

namespace patchbay::rpc {

config::Value shown_id(const JobRow& job) {
    return job.sub_id.empty() ? config::Value{job.id.value} : config::Value{job.sub_id};
}

std::string_view legacy_status(const JobRow& job) {
    if (job.state < JobState::running) return "Submitted";
    if (job.state != JobState::finished) return to_string(job.state);
    return job.health == JobHealth::unknown ? "Incomplete" : to_string(job.health);
}

void set_error(config::Map& map, const JobRow& job, Database& db) {
    config::Value message;
    const auto verdict = Results{db}.job_verdict(job.id);
    try {
        if (verdict) message = config::parse_yaml(verdict->metadata);
    } catch (const config::YamlError&) {
        // A row of a damaged database still has its job.
    }
    for (const auto* key : {"error_msg", "error_type"}) {
        const auto* text = message.find(key);
        map.set(key, text && !text->is_null() ? config::Value{config::python_str(*text)} : config::Value{});
    }
}

}  // namespace patchbay::rpc
