// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/definition.hpp"

#include <algorithm>

#include "core/config/duration.hpp"
#include "core/config/number.hpp"
#include "core/config/yaml.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

using Seconds = std::chrono::seconds;

std::optional<Seconds> read_duration(const config::Value* value) {
    const auto* map = value ? value->as_map() : nullptr;
    return map ? std::optional{config::sum_of_units(*map)} : std::nullopt;
}

std::map<std::string, Seconds> read_durations(const config::Value* value) {
    std::map<std::string, Seconds> durations;
    const auto* map = value ? value->as_map() : nullptr;
    if (!map) return durations;
    for (const auto& [name, entry] : *map) {
        if (const auto duration = read_duration(&entry)) durations[config::python_str(name)] = *duration;
    }
    return durations;
}

std::string text_at(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    const auto* text = value ? value->as_string() : nullptr;
    return text ? *text : std::string{};
}

config::Map map_at(const config::Value& parent, std::string_view key) {
    const auto* value = parent.find(key);
    const auto* map = value ? value->as_map() : nullptr;
    return map ? *map : config::Map{};
}

std::optional<int> count_at(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    const auto number = read_count(value);
    if (!number) return std::nullopt;
    return static_cast<int>(std::clamp(*number, 1U, 100'000U));
}

JobTimeouts read_timeouts(const config::Value& document) {
    JobTimeouts timeouts;
    const auto* map = document.find("timeouts");
    if (!map || !map->as_map())
        throw JobError{"the job has no 'timeouts'; it needs at least timeouts: {job: {minutes: N}}"};
    const auto job = read_duration(map->find("job"));
    if (!job) throw JobError{"the job has no 'timeouts.job'; give one, such as {minutes: 10}"};
    timeouts.job = *job;
    timeouts.action = read_duration(map->find("action"));
    timeouts.connection = read_duration(map->find("connection"));
    timeouts.actions = read_durations(map->find("actions"));
    timeouts.connections = read_durations(map->find("connections"));
    return timeouts;
}

std::optional<ActionBlock::Kind> kind_of(std::string_view name) {
    using Kind = ActionBlock::Kind;
    constexpr std::pair<std::string_view, Kind> kinds[] = {
        {"deploy", Kind::deploy}, {"boot", Kind::boot}, {"test", Kind::test}, {"command", Kind::command}};
    for (const auto& [word, kind] : kinds) {
        if (word == name) return kind;
    }
    return std::nullopt;
}

ActionBlock read_block(const config::Value& entry, std::size_t index) {
    const auto* map = entry.as_map();
    const auto where = "actions[" + std::to_string(index) + "]";
    if (!map || map->empty()) throw JobError{where + " is not a map with one of deploy, boot, test, command"};
    if (map->size() > 1) throw JobError{where + " has more than one key; make each action an entry of its own"};
    const auto& first = *map->begin();
    const auto kind = kind_of(config::python_str(first.key));
    if (!kind) throw JobError{"Unknown action '" + config::python_str(first.key) + "' in " + where};
    ActionBlock block;
    block.kind = *kind;
    if (const auto* parameters = first.value.as_map()) block.parameters = *parameters;
    const config::Value raw{block.parameters};
    if (const auto name = text_at(raw, "namespace"); !name.empty()) block.name_space = name;
    block.connection_namespace = text_at(raw, "connection-namespace");
    block.timeout = read_duration(raw.find("timeout"));
    if (const auto* timeout = raw.find("timeout")) {
        const auto* skip = timeout->find("skip");
        block.skip_timeout = skip && skip->as_bool() && *skip->as_bool();
    }
    block.connection_timeout = read_duration(raw.find("connection_timeout"));
    block.timeouts = read_durations(raw.find("timeouts"));
    block.failure_retry = count_at(raw, "failure_retry");
    block.repeat = count_at(raw, "repeat");
    if (const auto pause = count_at(raw, "failure_retry_interval")) block.failure_retry_interval = Seconds{*pause};
    if (block.failure_retry && block.repeat) {
        throw JobError{"Unable to use 'failure_retry' and 'repeat' together in " + where + "; keep one of them"};
    }
    return block;
}

}  // namespace

Definition read_definition(const config::Value& document) {
    if (!document.as_map()) throw JobError{"the job definition is not a YAML map"};
    Definition definition;
    definition.timeouts = read_timeouts(document);
    definition.context = map_at(document, "context");
    definition.environment = map_at(document, "environment");
    definition.protocols = map_at(document, "protocols");
    for (const auto& [name, value] : map_at(document, "secrets")) {
        definition.secrets.emplace_back(config::python_str(name), value.is_null() ? "" : config::python_str(value));
    }
    if (const auto* tags = document.find("tags"); tags && tags->as_list()) {
        for (const auto& tag : *tags->as_list()) definition.tags.push_back(config::python_str(tag));
    }
    definition.multinode = read_multinode(document);
    if (const auto& group = definition.multinode) {
        for (const auto& [name, value] : group->environment) definition.environment.set(name, value);
        definition.tags.insert(definition.tags.end(), group->tags.begin(), group->tags.end());
    }
    const auto* actions = document.find("actions");
    if (!actions || !actions->as_list()) throw JobError{"the job has no list of 'actions'"};
    if (actions->as_list()->empty()) throw JobError{"the job's list of 'actions' is empty: nothing would run"};
    for (const auto& entry : *actions->as_list()) {
        definition.actions.push_back(read_block(entry, definition.actions.size()));
    }
    return definition;
}

std::optional<unsigned> read_count(const config::Value* value) {
    return value ? config::read_count(config::python_str(*value)) : std::nullopt;
}

Definition parse_definition(std::string_view text) {
    try {
        return read_definition(config::parse_yaml(text));
    } catch (const config::YamlError& error) {
        throw JobError{std::string{"the job definition is not YAML: "} + error.what()};
    }
}

}  // namespace patchbay
