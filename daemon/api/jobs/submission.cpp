// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/submission.hpp"

#include <algorithm>
#include <utility>

#include "core/config/duration.hpp"
#include "core/config/yaml.hpp"
#include "daemon/api/jobs/wanted_devices.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/notify/notify_map.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/users.hpp"
#include "jobs/definition/definition.hpp"
#include "jobs/definition/masking.hpp"
#include "jobs/definition/submission.hpp"

namespace patchbay {
namespace {

using Reason = SubmissionRefused::Reason;

SubmissionRefused bad_data(const std::string& text) { return {Reason::bad_data, text}; }

void write_metadata(JsonWriter& json, const config::Value& value) {
    if (value.is_null()) {
        json.value(nullptr);
    } else if (const auto* flag = value.as_bool()) {
        json.value(*flag ? "true" : "false");
    } else if (const auto* list = value.as_list()) {
        json.begin_array();
        for (const auto& item : *list) write_metadata(json, item);
        json.end_array();
    } else if (const auto* map = value.as_map()) {
        json.begin_object();
        for (const auto& [key, item] : *map) {
            json.key(config::python_str(key));
            write_metadata(json, item);
        }
        json.end_object();
    } else {
        json.value(config::python_str(value));
    }
}

std::string metadata_json(const config::Map& document) {
    const auto* metadata = document.find("metadata");
    if (!metadata || !metadata->is_map()) return "{}";
    JsonWriter json;
    write_metadata(json, *metadata);
    return json.take();
}

int priority_of(const config::Map& document) {
    const auto* value = document.find("priority");
    if (!value) return 50;
    if (const auto* word = value->as_string()) return *word == "high" ? 100 : *word == "low" ? 0 : 50;
    if (const auto* flag = value->as_bool()) return *flag ? 1 : 0;  // a bool is an int in Python
    const auto* number = value->as_int();
    if (!number || *number < 0 || *number > 100) {
        throw bad_data("Invalid job priority: " + config::python_str(*value) + ". Should be in [0, 100]");
    }
    return static_cast<int>(*number);
}

/// Groups that are not known do not count; an empty map leaves submitter and superusers.
void set_visibility(NewJob& job, const config::Map& document, Groups groups) {
    const auto* value = document.find("visibility");
    const auto* word = value ? value->as_string() : nullptr;
    if (word) {
        job.visibility = *word == "personal" ? Visibility::personal : Visibility::everyone;
        return;
    }
    job.visibility = Visibility::groups;
    const auto* names = value ? value->find("group") : nullptr;
    if (!names) return;
    if (const auto* list = names->as_list()) {
        for (const auto& name : *list) {
            if (const auto group = groups.find(config::python_str(name))) job.viewing_groups.push_back(group->id);
        }
    }
    if (job.viewing_groups.empty()) throw bad_data("No known groups were found in the visibility list.");
}

std::optional<std::chrono::seconds> queue_timeout(const config::Map& document, const Settings& settings) {
    const auto* timeouts = document.find("timeouts");
    const auto* queue = timeouts ? timeouts->find("queue") : nullptr;
    std::int64_t seconds = settings.default_queue_timeout.count();
    if (queue) {
        seconds = 0;
        constexpr std::pair<std::string_view, std::int64_t> units[] = {
            {"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}};
        for (const auto& [unit, length] : units) {
            const auto* number = queue->find(unit);
            if (const auto* count = number ? number->as_int() : nullptr) {
                // A hundred years are for ever; larger numbers would overflow.
                seconds += std::clamp<std::int64_t>(*count, 0, 3'153'600'000 / length) * length;
            }
        }
    }
    if (seconds <= 0) return std::nullopt;
    return std::chrono::seconds{seconds};
}

/// What the runner will make of `timeouts.job`.
std::optional<std::chrono::seconds> run_limit(const config::Map& document) {
    const auto* timeouts = document.find("timeouts");
    const auto* limit = timeouts ? timeouts->find("job") : nullptr;
    const auto* units = limit ? limit->as_map() : nullptr;
    if (!units) return std::nullopt;
    return config::sum_of_units(*units);
}

std::vector<TagId> tags_of(const config::Map& document, Devices& devices) {
    std::vector<TagId> ids;
    const auto* value = document.find("tags");
    const auto* list = value ? value->as_list() : nullptr;
    if (!list) return ids;
    for (const auto& name : *list) {
        const auto text = config::python_str(name);
        const auto tag = devices.tag(text);
        if (!tag)
            throw SubmissionRefused{Reason::unknown_tag, "Device tag '" + text + "' does not exist in the database."};
        if (std::find(ids.begin(), ids.end(), tag->id) == ids.end()) ids.push_back(tag->id);
    }
    return ids;
}

std::string device_type_of(const config::Map& document) {
    const auto* type = document.find("device_type");
    if (!type) throw SubmissionRefused{Reason::missing_key, "'device_type'"};
    return config::python_str(*type);
}

/// Each is a row, and perhaps a body, for each state of the job.
void check_notify(const config::Value& document) {
    constexpr std::size_t most = 32;
    const auto notify = read_notify(document);
    const auto count = notify ? notify->callbacks.size() + notify->recipients.size() : 0;
    if (count > most)
        throw bad_data("notify: " + std::to_string(count) + " callbacks and recipients; a job may have " +
                       std::to_string(most));
}

}  // namespace

std::optional<MaskedTexts> masked_texts(const config::Value& job, const std::string& dumped) {
    if (!may_have_secrets(dumped)) return std::nullopt;
    auto masked = masked_job(job);
    return MaskedTexts{masked, masked, {}};
}

CheckedDefinition check_definition(std::string text) {
    config::Value value;
    try {
        value = read_submission(text);
    } catch (const SubmissionError& error) {
        throw bad_data(error.what());
    }
    check_notify(value);
    CheckedDefinition checked;
    checked.definition = config::dump_yaml(value, config::KeyOrder::sorted);
    checked.original_definition = std::move(text);
    checked.masked = masked_texts(value, checked.definition);
    checked.document = std::move(*value.as_map());
    checked.metadata = metadata_json(checked.document);
    return checked;
}

NewJob read_own_job(std::string text) {
    NewJob job;
    try {
        const auto value = load_submission(text);
        const auto* document = value.as_map();
        if (!document) throw JobError{"it is no mapping"};
        for (const std::string_view key : {"job_name", "visibility", "actions"})
            if (!document->contains(key)) throw JobError{"it has no " + std::string{key}};
        if (document->contains("protocols")) throw JobError{"it has protocols; it runs on one device"};
        read_definition(value);
        job.description = config::python_str(*document->find("job_name"));
        job.priority = priority_of(*document);
        const auto* visibility = document->find("visibility")->as_string();
        if (!visibility) throw JobError{"its visibility is neither public nor personal"};
        job.visibility = *visibility == "personal" ? Visibility::personal : Visibility::everyone;
        job.run_limit = run_limit(*document);
        job.metadata = metadata_json(*document);
        job.definition = config::dump_yaml(value, config::KeyOrder::sorted);
        job.masked = masked_texts(value, job.definition);
    } catch (const SubmissionRefused& refusal) {
        throw JobError{refusal.what()};
    }
    job.original_definition = std::move(text);
    return job;
}

NewJob read_health_check(std::string text) {
    try {
        auto job = read_own_job(std::move(text));
        job.health_check = true;
        return job;
    } catch (const JobError& error) {
        throw JobError{std::string{"this health check cannot become a job: "} + error.what()};
    }
}

NewJob make_job(CheckedDefinition checked, UserId submitter, Database& db, const Settings& settings) {
    Devices devices{db};
    const auto& document = checked.document;
    const WantedDevices wanted{db, device_type_of(document), *Users{db}.find(submitter)};
    NewJob job;
    job.tags = tags_of(document, devices);
    wanted.check_tags(job.tags);
    job.priority = priority_of(document);
    set_visibility(job, document, Groups{db});
    job.queue_timeout = queue_timeout(document, settings);
    job.run_limit = run_limit(document);
    job.submitter = submitter;
    job.description = config::python_str(*document.find("job_name"));
    job.requested_device_type = wanted.type();
    job.metadata = std::move(checked.metadata);
    job.definition = std::move(checked.definition);
    job.original_definition = std::move(checked.original_definition);
    job.masked = std::move(checked.masked);
    return job;
}

}  // namespace patchbay
