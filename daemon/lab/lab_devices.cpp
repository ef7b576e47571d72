// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/lab_devices.hpp"

#include "core/config/yaml.hpp"
#include "core/errors.hpp"

namespace patchbay {

std::string format_device_configuration(const DeviceEntry& entry) {
    config::Map map;
    map.set("driver", entry.driver);
    if (!entry.file.empty()) map.set("file", entry.file);
    if (!entry.dictionary.empty()) map.set("dictionary", entry.dictionary);
    if (!entry.hardware.is_null()) map.set("hardware", entry.hardware);
    if (!entry.fingerprint.empty())
        map.set("fingerprint", config::List{entry.fingerprint.begin(), entry.fingerprint.end()});
    map.set("variables", entry.variables);
    return config::dump_json(config::Value{std::move(map)});
}

DeviceEntry parse_device_configuration(const std::string& hostname, const std::string& device_type,
                                       const std::string& json) {
    DeviceEntry entry;
    entry.name = hostname;
    entry.device_type = device_type;
    try {
        const auto value = config::parse_json(json);
        if (const auto* driver = value.find("driver"); driver && driver->is_string())
            entry.driver = *driver->as_string();
        if (const auto* file = value.find("file"); file && file->is_string()) entry.file = *file->as_string();
        entry.dictionary = config::string_or_empty(value.find("dictionary"));
        if (const auto* print = value.find("fingerprint"); print && print->is_list()) {
            for (const auto& each : *print->as_list()) entry.fingerprint.push_back(config::python_str(each));
        }
        if (const auto* hardware = value.find("hardware")) entry.hardware = *hardware;
        if (const auto* variables = value.find("variables"); variables && variables->is_map())
            entry.variables = *variables->as_map();
    } catch (const config::YamlError& error) {
        throw ConfigurationError{"device " + hostname + ": its stored configuration cannot be read (" + error.what() +
                                 "); restart patchbayd to load the lab again"};
    }
    return entry;
}

}  // namespace patchbay
