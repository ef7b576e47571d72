// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/worker.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/store/device_templates.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/template_source.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

config::Map verdict(const std::string& problem) {
    config::Map map;
    problem.empty() ? map.set("Valid", config::Value{}) : map.set("Invalid", problem);
    return map;
}

/// Empty for a good one; those with a dictionary are looked at together.
std::string problem_of(const DeviceRow& device, std::vector<DeviceEntry>& with_dictionary) {
    try {
        auto entry = parse_device_configuration(device.hostname, device.device_type, device.configuration);
        if (entry.dictionary.empty()) {
            render_device(entry, {});
        } else {
            with_dictionary.push_back(std::move(entry));
        }
        return {};
    } catch (const Error& error) {
        return describe(error);
    }
}

config::Map verdicts_of(const std::vector<DeviceRow>& devices, const TemplateSource& source) {
    std::map<std::string, std::string> problems;
    std::vector<DeviceEntry> with_dictionary;
    for (const auto& device : devices) problems[device.hostname] = problem_of(device, with_dictionary);
    try {
        for (auto& [device, problem] : problems_of_dictionaries(with_dictionary, source)) problems[device] = problem;
    } catch (const ConfigurationError& error) {
        for (const auto& entry : with_dictionary) problems[entry.name] = error.what();
    }
    config::Map verdicts;
    for (const auto& device : devices) verdicts.set(device.hostname, verdict(problems[device.hostname]));
    return verdicts;
}

}  // namespace

/// Of one device, of those of a type, or of all: {hostname: {Valid: null}} or {Invalid: reason}, as YAML.
Task<config::Value> validate_pipeline_devices(RpcCall& call) {
    const auto name = call.maybe_text(0);
    std::vector<DeviceRow> devices;
    for (auto& device : all_devices_of(call, false)) {
        if (!name || device.hostname == *name || device.device_type == *name) devices.push_back(std::move(device));
    }
    if (devices.empty())
        throw Fault{404, name ? "No device and no device type is called '" + *name + "'." : "The lab has no devices."};
    auto& db = call.lab.store.reader();
    TemplateSource source{all_templates(db, call.lab.settings), DeviceTemplates{db}.dictionaries()};
    auto validate = [devices = std::move(devices), source = std::move(source)] { return verdicts_of(devices, source); };
    const auto verdicts = co_await on_worker(call.lab.checkers, std::move(validate));
    co_return config::Binary{config::dump_yaml(verdicts)};
}

}  // namespace patchbay::rpc
