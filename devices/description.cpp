// SPDX-License-Identifier: Apache-2.0
#include "devices/description.hpp"

#include <algorithm>
#include <cstdint>

#include "core/config/duration.hpp"
#include "core/config/number.hpp"
#include "devices/main_hardware.hpp"

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::MapReader;
using config::Problems;
using config::Value;

/// A mapping or nothing (null); anything else is a problem.
Map read_map(MapReader& reader, std::string_view key) {
    const auto* value = reader.raw(key);
    if (value == nullptr || value->is_null()) return {};
    if (const auto* map = value->as_map()) return *map;
    reader.problem(key, "must be a mapping");
    return {};
}

List read_list(MapReader& reader, std::string_view key) {
    const auto* value = reader.raw(key);
    if (value == nullptr || value->is_null()) return {};
    if (const auto* list = value->as_list()) return *list;
    reader.problem(key, "must be a list");
    return {};
}

/// One command, or a list of them.
std::vector<std::string> read_commands(const Value* value) {
    std::vector<std::string> commands;
    if (value == nullptr || value->is_null()) return commands;
    if (const auto* list = value->as_list()) {
        for (const auto& each : *list) commands.push_back(config::python_str(each));
    } else {
        commands.push_back(config::python_str(*value));
    }
    return commands;
}

/// {minutes: 2, seconds: 30}: the sum.
std::chrono::seconds read_duration(MapReader reader, const Map& units) {
    for (const auto* unit : {"days", "hours", "minutes", "seconds"}) reader.value_or<std::int64_t>(unit, 0);
    reader.finish();
    return config::sum_of_units(units);
}

std::map<std::string, std::chrono::seconds> read_timeouts(MapReader& reader, std::string_view key) {
    std::map<std::string, std::chrono::seconds> timeouts;
    const auto named = read_map(reader, key);
    auto each = reader.map(key);
    for (const auto& [name, value] : named) {
        const auto* text = name.as_string();
        if (text == nullptr) continue;
        if (!value.is_map()) {
            each.problem(*text, "must be a mapping such as {minutes: 2}");
            continue;
        }
        timeouts[*text] = read_duration(each.map(*text), *value.as_map());
    }
    return timeouts;
}

/// The console is searched in steps of so many characters; templates print the number as text.
void check_maxread(MapReader constants) {
    const auto* value = constants.raw("spawn_maxread");
    if (value == nullptr || value->is_null()) return;
    if (config::read_count(config::python_str(*value)).value_or(0) == 0) {
        constants.problem("spawn_maxread", "must be a whole number, 1 or more");
    }
}

CharacterDelays read_delays(MapReader reader) {
    const auto read = [&reader](std::string_view key) {
        return std::chrono::milliseconds{reader.value_or<int>(key, 0)};
    };
    CharacterDelays delays;
    delays.deploy = read("deploy");
    delays.boot = read("boot");
    delays.test = read("test");
    return delays;
}

void read_commands_of(MapReader& reader, DeviceDescription& device) {
    const auto commands = read_map(reader, "commands");
    for (const auto& [name, value] : commands) {
        const auto* text = name.as_string();
        if (text == nullptr || *text == "users" || *text == "connections" || *text == "must_use_connection") continue;
        device.commands[*text].run = read_commands(&value);
    }
    auto section = reader.map("commands");
    const auto users = read_map(section, "users");
    auto named = section.map("users");
    for (const auto& [name, value] : users) {
        const auto* text = name.as_string();
        if (text == nullptr) continue;
        if (!value.is_map()) {
            named.problem(*text, "must be a mapping with 'do' and perhaps 'undo'");
            continue;
        }
        UserCommand command;
        command.run = read_commands(value.find("do"));
        command.undo = read_commands(value.find("undo"));
        if (command.run.empty()) named.map(*text).problem("do", "missing: a user command says what to do");
        device.user_commands[*text] = std::move(command);
    }
}

/// LAVA's way to give a device a console is a command. What stands under `hardware` goes before.
void add_console(const std::string& name, const Value* command, std::string path,
                 std::vector<HardwareEntry>& hardware) {
    if (command == nullptr || !command->is_string()) return;
    const auto has_name = [&](const HardwareEntry& entry) { return entry.kind == "console" && entry.name == name; };
    if (std::ranges::any_of(hardware, has_name)) return;
    HardwareEntry entry{"console", name, "command", Map{{"command", *command}}, std::move(path)};
    entry.options.mark = command->mark;
    hardware.push_back(std::move(entry));
}

bool is_primary(const Value& connection) {
    const auto* tags = connection.find("tags");
    const auto* list = tags == nullptr ? nullptr : tags->as_list();
    return list != nullptr && std::ranges::find(*list, Value{"primary"}) != list->end();
}

/// `commands.connections`: several by name, of which the primary one is the device's console.
void add_connections(MapReader commands, std::vector<HardwareEntry>& hardware) {
    const auto connections = read_map(commands, "connections");
    for (const auto& [key, connection] : connections) {
        const auto* name = key.as_string();
        if (name == nullptr) continue;
        const bool first = is_primary(connection) || connections.size() == 1;
        add_console(first ? "" : *name, connection.find("connect"), "commands.connections." + *name, hardware);
    }
}

void add_connect_commands(MapReader commands, std::vector<HardwareEntry>& hardware) {
    add_connections(commands, hardware);
    add_console("", commands.raw("connect"), "commands.connect", hardware);
}

Map methods_of(MapReader& actions, std::string_view action) {
    auto section = actions.map(action);
    return read_map(section, "methods");
}

}  // namespace

const Value* DeviceDescription::constant(std::string_view path) const {
    const Value* found = nullptr;
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('.', begin), path.size());
        const auto key = path.substr(begin, end - begin);
        found = begin == 0 ? constants.find(key) : found->find(key);
        if (found == nullptr) return nullptr;
        begin = end + 1;
    }
    return found;
}

DeviceDescription read_device(const Value& rendered, const std::string& file) {
    Problems problems{file};
    MapReader reader{rendered, "", problems};
    DeviceDescription device;
    if (!rendered.is_map()) {
        problems.add(rendered.mark, "", "a device file is a mapping");
        problems.raise_if_any();
    }
    device.rendered = *rendered.as_map();
    device.name = reader.value_or<std::string>("hostname", "");
    device.device_type = reader.value_or<std::string>("devicetype", "");
    for (const std::string_view key : {"constants", "parameters", "actions", "timeouts"}) {
        if (!reader.has(key))
            reader.problem(key, "missing; every device file has constants, parameters, actions, timeouts");
    }
    device.constants = read_map(reader, "constants");
    if (!device.constants.empty()) check_maxread(reader.map("constants"));
    device.parameters = read_map(reader, "parameters");
    device.environment = read_map(reader, "environment");
    device.available_architectures = reader.value_or<std::vector<std::string>>("available_architectures", {});
    device.device_info = read_list(reader, "device_info");
    device.static_info = read_list(reader, "static_info");
    device.storage_info = read_list(reader, "storage_info");
    device.character_delays = read_delays(reader.map("character_delays"));
    auto actions = reader.map("actions");
    device.deploy_methods = methods_of(actions, "deploy");
    device.boot_methods = methods_of(actions, "boot");
    auto deploy = actions.map("deploy");
    device.deploy_parameters = read_map(deploy, "parameters");
    auto timeouts = reader.map("timeouts");
    device.action_timeouts = read_timeouts(timeouts, "actions");
    device.connection_timeouts = read_timeouts(timeouts, "connections");
    read_commands_of(reader, device);
    const bool has_qemu = device.boot_methods.contains("qemu");
    device.driver = reader.value_or<std::string>("driver", has_qemu ? "qemu" : "");
    device.driver_options = read_map(reader, "driver_options");
    device.hardware = read_hardware(reader, problems);
    device.fingerprint = reader.value_or<std::vector<std::string>>("fingerprint", {});
    if (device.driver.empty()) {
        const bool is_described = !device.hardware.empty();  // LAVA's files alone are as LAVA takes them
        add_connect_commands(reader.map("commands"), device.hardware);
        if (is_described) check_main_ones(device.hardware, problems);
    }
    // No finish(): LAVA's device files may hold anything else.
    problems.raise_if_any();
    return device;
}

}  // namespace patchbay
