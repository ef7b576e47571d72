// SPDX-License-Identifier: Apache-2.0
#include "daemon/configured_lab.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/errors.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/lab/hardware_tags.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/store/workers.hpp"
#include "jobs/journal/fence_file.hpp"

namespace patchbay {
namespace {

ConfiguredDevice configured_device(const DeviceEntry& entry, const Settings& settings) {
    ConfiguredDevice device;
    device.hostname = entry.name;
    device.device_type = entry.device_type;
    device.description = entry.description;
    device.tags = entry.tags;
    for (auto& tag : hardware_tags(entry)) {
        if (std::ranges::find(device.tags, tag) == device.tags.end()) device.tags.push_back(std::move(tag));
    }
    const auto names_it = [&](const AttachSettings& attach) {
        return std::any_of(attach.devices.begin(), attach.devices.end(),
                           [&](const auto& pair) { return pair.second == entry.name; });
    };
    if (std::any_of(settings.attachments.begin(), settings.attachments.end(), names_it))
        device.tags.push_back(host_tag(entry.name));
    device.worker_host = entry.worker.empty() ? settings.worker_host : entry.worker;
    device.configuration = format_device_configuration(entry);
    device.first_health = DeviceHealth::unknown;  // until a health check, the built-in one or a job says more
    device.seen_fence = seen_fence(fence_file(settings.state_dir, entry.name));
    return device;
}

ConfiguredDeviceType configured_type(const DeviceTypeEntry& entry) {
    ConfiguredDeviceType type;
    type.name = entry.name;
    type.aliases = entry.aliases;
    type.properties.description = entry.description;
    type.properties.display = entry.display;
    type.properties.health_frequency = entry.health_frequency;
    if (entry.count_jobs)
        type.properties.health_denominator = *entry.count_jobs ? HealthDenominator::jobs : HealthDenominator::hours;
    type.properties.disable_health_check = entry.disable_health_check;
    return type;
}

HealthCheck read_file(const std::string& file, std::string device_type, std::string device) {
    HealthCheck check;
    check.device_type = std::move(device_type);
    check.device = std::move(device);
    std::ifstream stream{file, std::ios::binary};
    if (!stream) throw ConfigurationError{file + ": health check cannot be read; check the path and the rights"};
    try {
        check.job = read_health_check(std::string{std::istreambuf_iterator<char>{stream}, {}});
    } catch (const JobError& error) {
        throw ConfigurationError{file + ": " + error.what()};
    }
    return check;
}

}  // namespace

std::vector<HealthCheck> configured_health_checks(const Settings& settings) {
    std::vector<HealthCheck> checks;
    std::string problems;
    const auto add = [&](const std::string& file, const std::string& device_type, const std::string& device) {
        if (file.empty()) return;
        try {
            checks.push_back(read_file(file, device_type, device));
        } catch (const ConfigurationError& error) {
            problems += (problems.empty() ? "" : "\n") + std::string{error.what()};
        }
    };
    for (const auto& entry : settings.device_types) add(entry.health_check, entry.name, "");
    for (const auto& entry : settings.devices) add(entry.health_check, entry.device_type, entry.name);
    if (!problems.empty()) throw ConfigurationError{problems};
    return checks;
}

ConfiguredLab configured_lab(const Settings& settings) {
    ConfiguredLab lab;
    lab.worker = settings.worker_host;
    for (const auto& worker : settings.workers) lab.remote_workers.push_back(worker.name);
    lab.health_checks = configured_health_checks(settings);
    for (const auto& entry : settings.device_types) lab.types.push_back(configured_type(entry));
    for (const auto& entry : settings.devices) lab.devices.push_back(configured_device(entry, settings));
    return lab;
}

void configure_store(Database& db, const ConfiguredLab& lab) {
    DeviceTypes{db}.configure(lab.types);
    Devices{db}.configure(lab.devices);
    Workers{db}.configure(lab.worker, lab.remote_workers);
    HealthChecks{db}.configure(lab.health_checks);
}

}  // namespace patchbay
