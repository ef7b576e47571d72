// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/remote_definition.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "jobs/definition/masking.hpp"
#include "jobs/definition/submission.hpp"

namespace patchbay {
namespace {

// A definition that is refused is kept, to be looked at; not one that is only large.
constexpr std::size_t longest_kept = 256 * 1024;

bool has_headers(const config::Value& value) {
    if (const auto* list = value.as_list()) return std::any_of(list->begin(), list->end(), has_headers);
    const auto* map = value.as_map();
    if (!map) return false;
    const auto holds = [](const config::Map::Entry& entry) {
        return config::string_or_empty(&entry.key) == "headers" || has_headers(entry.value);
    };
    return std::any_of(map->begin(), map->end(), holds);
}

void choose_device(RemoteDefinition& remote, const RemoteJobFiles& files, const AttachSettings& settings) {
    remote.theirs = device_hostname(files.device);
    if (remote.theirs.empty()) remote.theirs = files.told_device;
    if (remote.theirs.empty()) {
        if (settings.devices.size() != 1)
            throw ConfigurationError{"the server does not say for which device the job is, and attachment " +
                                     settings.name + " has several; give each of them a worker of its own there, or " +
                                     "let everybody see the job"};
        remote.theirs = settings.devices.begin()->first;
    }
    const auto found = settings.devices.find(remote.theirs);
    if (found == settings.devices.end())
        throw ConfigurationError{"device '" + remote.theirs + "' is not among the devices of attachment " +
                                 settings.name + "; add it to the configuration of patchbayd"};
    remote.ours = found->second;
}

NewJob read_job(const std::string& text, const AttachSettings& settings) {
    auto document = load_submission(text);
    auto* map = document.as_map();
    if (!map) throw JobError{"it is no mapping"};
    auto masked = masked_job(document);
    map->erase("notify");
    map->erase("compatibility");
    const auto* secrets = map->find("secrets");
    const auto* actions = map->find("actions");
    const bool open = config::string_or_empty(map->find("visibility")) == "public" &&
                      (!secrets || secrets->is_null()) && !(actions && has_headers(*actions));
    map->set("visibility", open ? "public" : "personal");
    auto job = read_own_job(config::dump_yaml(document, config::KeyOrder::sorted));
    job.original_definition = text;
    if (job.masked) job.masked->original_definition = std::move(masked);
    job.priority = settings.priority;
    return job;
}

}  // namespace

RemoteDefinition read_remote_definition(const RemoteJobFiles& files, std::int64_t number,
                                        const AttachSettings& settings,
                                        const std::map<std::string, std::string>& types) {
    RemoteDefinition remote;
    const auto refuse = [&](ErrorType type, const std::string& problem) {
        remote.error_type = to_string(type);
        remote.problem = "job " + std::to_string(number) + " of " + settings.server + " cannot run here: " + problem;
        remote.job = {};
        remote.job.description = "job " + std::to_string(number) + " of " + settings.name;
        remote.job.visibility = Visibility::personal;
        if (files.definition.size() <= longest_kept) remote.job.definition = files.definition;
        remote.job.original_definition = remote.job.definition;
    };
    try {
        choose_device(remote, files, settings);
        remote.job = read_job(files.definition, settings);
    } catch (const Error& error) {
        refuse(error.type(), error.what());
    }
    const auto type = types.find(remote.ours);
    if (type != types.end()) remote.job.requested_device_type = type->second;
    return remote;
}

}  // namespace patchbay
