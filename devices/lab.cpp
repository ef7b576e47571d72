// SPDX-License-Identifier: Apache-2.0
#include "devices/lab.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "devices/hardware.hpp"
#include "devices/main_hardware.hpp"
#include "devices/qemu_template.hpp"
#include "devices/qemu_variables.hpp"
#include "devices/rendered_defaults.hpp"

namespace patchbay {
namespace {

using config::Map;
using config::MapReader;
using config::Value;

/// 52:54:00 is QEMU's own prefix; the rest is made of the name, so that it stays the same when devices are added.
std::string mac_address(const std::string& name) {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const unsigned char c : name) hash = (hash ^ c) * 16777619U;
    char text[24];
    std::snprintf(text, sizeof text, "52:54:00:%02x:%02x:%02x", hash >> 16 & 0xffU, hash >> 8 & 0xffU, hash & 0xffU);
    return text;
}

std::string numbered(const std::string& name, int number, int count) {
    char text[16];
    std::snprintf(text, sizeof text, count > 99 ? "-%03d" : "-%02d", number);
    return name + text;
}

/// What would otherwise come out when the first job gets the machine.
void check_machine(const DeviceEntry& entry, MapReader& reader) {
    const auto problems = qemu_variable_problems(entry.variables);
    for (const auto& problem : problems) reader.problem("variables", problem);
    if (!problems.empty()) return;
    try {
        render_qemu(entry.variables, {}, entry.name, entry.device_type);
    } catch (const ConfigurationError& error) {
        reader.problem("variables", error.what());
    }
}

void read_entry_hardware(DeviceEntry& entry, MapReader& reader, config::Problems& problems) {
    if (!reader.has("hardware")) return;
    const auto hardware = read_hardware(reader, problems);
    // A file or a dictionary may have a command for the console.
    if (!reader.has("file") && !reader.has("dictionary")) check_main_ones(hardware, problems);
    entry.hardware = *reader.raw("hardware");
    if (reader.has("driver"))
        reader.problem("driver", "is the word for a machine; a board's drivers stand in 'hardware'");
    if (!reader.has("device_type")) reader.problem("device_type", "missing: boards of which kind are jobs to ask for?");
}

/// What LAVA's templates give to every board: a job can power it and log in.
Value render_board(const DeviceEntry& entry) {
    Map device{{"hostname", entry.name}, {"devicetype", entry.device_type}};
    device.set("constants", default_constants(entry.variables));
    device.set("parameters", Map{{"pass", nullptr}});
    device.set("actions",
               Map{{"deploy", Map{{"methods", Map{}}}}, {"boot", Map{{"methods", Map{{"minimal", nullptr}}}}}});
    device.set("timeouts", default_timeouts(entry.variables));
    if (auto delays = character_delays(entry.variables); !delays.empty())
        device.set("character_delays", std::move(delays));
    return device;
}

config::List texts(const std::vector<std::string>& each) { return {each.begin(), each.end()}; }

Value render_file(const DeviceEntry& entry) {
    try {
        return config::parse_yaml(read_whole_file(entry.file));
    } catch (const InfrastructureError& error) {
        throw ConfigurationError{"device " + entry.name + ": " + error.what()};
    }
}

void check_dictionary_entry(const DeviceEntry& entry, MapReader& reader) {
    if (!reader.has("device_type")) reader.problem("device_type", "missing: boards of which kind are jobs to ask for?");
    if (!entry.file.empty()) reader.problem("file", "is what a 'dictionary' is rendered to; give one of them");
    if (!entry.variables.empty()) reader.problem("variables", "are set in the dictionary");
    if (reader.has("driver")) reader.problem("driver", "is what the dictionary's template says");
}

DeviceEntry read_entry(MapReader& reader, config::Problems& problems) {
    DeviceEntry entry;
    entry.name = reader.required<std::string>("name");
    entry.device_type = reader.value_or<std::string>("device_type", "qemu");
    entry.description = reader.value_or<std::string>("description", "");
    read_entry_hardware(entry, reader, problems);
    entry.dictionary = reader.value_or<std::string>("dictionary", "");
    const bool is_machine = entry.hardware.is_null() && entry.dictionary.empty();
    entry.driver = reader.value_or<std::string>("driver", is_machine ? "qemu" : "");
    entry.tags = reader.value_or<std::vector<std::string>>("tags", {});
    entry.file = reader.value_or<std::string>("file", "");
    entry.fingerprint = reader.value_or<std::vector<std::string>>("fingerprint", {});
    entry.health_check = reader.value_or<std::string>("health_check", "");
    if (const auto* variables = reader.raw("variables"); variables != nullptr && !variables->is_null()) {
        if (const auto* map = variables->as_map()) {
            entry.variables = *map;
        } else {
            reader.problem("variables", "must be a mapping");
        }
    }
    entry.nodes = reader.value_or<std::vector<std::string>>("nodes", {});
    for (const auto& node : entry.nodes) {
        if (!node.starts_with("/dev/") || std::filesystem::path{node}.lexically_normal() != node)
            reader.problem("nodes", "'" + node + "' is no path below /dev");
    }
    entry.worker = reader.value_or<std::string>("worker", "");
    if (!entry.worker.empty() && !is_device_name(entry.worker)) {
        reader.problem("worker", "'" + entry.worker + "' has characters other than letters, digits, '.', '_' and '-'");
    }
    if (!entry.name.empty() && !is_device_name(entry.name)) {
        reader.problem("name", "'" + entry.name + "' has characters other than letters, digits, '.', '_' and '-'");
    }
    if (entry.driver == "qemu") check_machine(entry, reader);
    if (!entry.file.empty() && !entry.variables.empty()) reader.problem("variables", "have no meaning beside 'file'");
    if (!entry.dictionary.empty()) check_dictionary_entry(entry, reader);
    return entry;
}

void give_mac(DeviceEntry& entry) {
    if (entry.file.empty() && entry.dictionary.empty() && entry.hardware.is_null() &&
        !entry.variables.contains("mac_addr"))
        entry.variables.set("mac_addr", mac_address(entry.name));
}

}  // namespace

bool is_device_name(const std::string& name) {
    const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'; };
    return !name.empty() && name.size() <= 200 && std::all_of(name.begin(), name.end(), allowed);
}

std::vector<DeviceEntry> read_lab_devices(MapReader& lab, config::Problems& problems) {
    std::vector<DeviceEntry> devices;
    std::set<std::string> names;
    for (auto& reader : lab.maps("devices")) {
        const auto entry = read_entry(reader, problems);
        const auto count = reader.maybe<int>("count");
        if (count && (*count < 1 || *count > most_of_one_entry)) {
            reader.problem("count", "must be from 1 to " + std::to_string(most_of_one_entry));
        }
        reader.finish();
        const int copies = std::clamp(count.value_or(1), 1, most_of_one_entry);
        for (int number = 1; number <= copies; ++number) {
            auto device = entry;
            if (count) device.name = numbered(entry.name, number, copies);
            give_mac(device);
            if (!names.insert(device.name).second) {
                problems.add(reader.mark(), reader.path(), "another device is called '" + device.name + "', too");
            }
            devices.push_back(std::move(device));
        }
    }
    return devices;
}

std::vector<DeviceEntry> default_lab_devices() {
    std::vector<DeviceEntry> devices;
    for (int number = 1; number <= 2; ++number) {
        DeviceEntry device;
        device.name = numbered("qemu", number, 2);
        device.device_type = "qemu";
        device.description = "virtual machine";
        give_mac(device);
        devices.push_back(std::move(device));
    }
    return devices;
}

void add_own_words(const DeviceEntry& entry, Value& rendered) {
    auto* map = rendered.as_map();
    if (map == nullptr) return;
    map->set("hostname", entry.name);
    if (!entry.hardware.is_null()) map->set("hardware", entry.hardware);
    if (!entry.fingerprint.empty()) map->set("fingerprint", texts(entry.fingerprint));
}

config::Value render_device(const DeviceEntry& entry, const Map& context, const std::string& job_folder) {
    if (!entry.dictionary.empty())
        throw ConfigurationError{"device " + entry.name + ": its dictionary is rendered when a job begins, not here"};
    if (!entry.file.empty() || !entry.hardware.is_null()) {
        auto rendered = entry.file.empty() ? render_board(entry) : render_file(entry);
        add_own_words(entry, rendered);
        return rendered;
    }
    if (entry.driver == "qemu") return render_qemu(entry.variables, context, entry.name, entry.device_type, job_folder);
    throw ConfigurationError{"device " + entry.name + ": driver '" + entry.driver +
                             "' has no template; name its 'hardware', or give a rendered device file with 'file:'"};
}

}  // namespace patchbay
