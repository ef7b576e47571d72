// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/job_json.hpp"

#include "core/config/yaml.hpp"

namespace patchbay {

std::vector<std::pair<std::string, std::string>> shown_metadata(const JobRow& job) {
    const auto metadata = config::parse_json(job.metadata.empty() ? "{}" : job.metadata);
    std::vector<std::pair<std::string, std::string>> shown;
    if (const auto* map = metadata.as_map()) {
        for (const auto& [key, value] : *map) shown.emplace_back(config::python_str(key), config::python_str(value));
    }
    return shown;
}

void write_job(JsonWriter& json, const JobRow& job, const ShownDefinitions& shown,
               std::optional<std::int64_t> portable_job) {
    json.begin_object().member("id", job.id).member("submitter", job.submitter);
    json.key("viewing_groups").begin_array();
    for (const auto group : job.viewing_groups) json.value(group);
    json.end_array();
    json.member("description", job.description).member("health_check", job.health_check);
    json.member("requested_device_type", job.requested_device_type);
    json.key("tags").begin_array();
    for (const auto tag : job.tags) json.value(tag);
    json.end_array();
    json.member("actual_device", job.actual_device).member("submit_time", job.submit_time);
    json.member("start_time", job.start_time).member("end_time", job.end_time);
    json.member("state", to_string(job.state)).member("health", to_string(job.health));
    json.member("priority", job.priority);
    json.member("definition", shown.definition);
    json.key("metadata").raw(job.metadata.empty() ? "{}" : job.metadata);
    json.member("original_definition", shown.original_definition);
    json.member("multinode_definition", shown.multinode_definition);
    json.key("failure_tags").begin_array().end_array();
    json.member("failure_comment", job.failure_comment);
    if (portable_job) json.member("portable_job", *portable_job);
    json.end_object();
}

}  // namespace patchbay
