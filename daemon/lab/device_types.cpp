// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/device_types.hpp"

#include <map>
#include <set>

namespace patchbay {
namespace {

DeviceTypeEntry read_entry(std::string name, config::MapReader& reader) {
    DeviceTypeEntry entry;
    entry.name = std::move(name);
    entry.aliases = reader.value_or<std::vector<std::string>>("aliases", {});
    entry.description = reader.maybe<std::string>("description");
    entry.display = reader.maybe<bool>("display");
    entry.health_check = reader.value_or<std::string>("health_check", "");
    entry.health_frequency = reader.maybe<int>("health_frequency");
    if (entry.health_frequency && *entry.health_frequency < 1) reader.problem("health_frequency", "must be at least 1");
    if (const auto word = reader.maybe<std::string>("health_denominator")) {
        if (*word != "hours" && *word != "jobs") reader.problem("health_denominator", "must be 'hours' or 'jobs'");
        entry.count_jobs = *word == "jobs";
    }
    entry.disable_health_check = reader.maybe<bool>("disable_health_check");
    if (const auto* recipe = reader.raw("recipe")) {
        entry.recipe = *recipe;
        if (!recipe->is_null() && !recipe->is_map()) reader.problem("recipe", "must be a map");
    }
    return entry;
}

}  // namespace

std::vector<DeviceTypeEntry> read_device_types(config::MapReader& lab, const std::vector<DeviceEntry>& devices,
                                               config::Problems& problems) {
    std::vector<DeviceTypeEntry> types;
    const auto* value = lab.raw("device_types");
    if (!value || value->is_null()) return types;
    const auto* entries = value->as_map();
    if (!entries) {
        lab.problem("device_types", "must be a map of device types");
        return types;
    }
    std::set<std::string> names;
    for (const auto& device : devices) names.insert(device.device_type);
    for (const auto& type : *entries) names.insert(config::python_str(type.key));
    std::map<std::string, std::string> owners;  // of aliases
    for (const auto& type : *entries) {
        auto name = config::python_str(type.key);
        config::MapReader reader{type.value, "device_types." + name, problems};
        auto entry = read_entry(std::move(name), reader);
        for (const auto& alias : entry.aliases) {
            if (alias.empty()) reader.problem("aliases", "an alias must not be empty");
            if (names.contains(alias)) reader.problem("aliases", "'" + alias + "' is the name of a device type");
            const auto [owner, is_new] = owners.emplace(alias, entry.name);
            if (!is_new) reader.problem("aliases", "'" + alias + "' is an alias of '" + owner->second + "', too");
        }
        reader.finish();
        types.push_back(std::move(entry));
    }
    return types;
}

}  // namespace patchbay
