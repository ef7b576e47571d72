// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/multinode.hpp"

#include <algorithm>
#include <array>

#include "core/config/duration.hpp"
#include "core/config/yaml.hpp"
#include "jobs/definition/submission.hpp"

namespace patchbay {
namespace {

using config::Map;
using config::Value;

constexpr std::string_view protocol = "lava-multinode";

// What every part has from the whole job, in LAVA's order.
constexpr std::array copied{"job_name", "timeouts", "priority",           "visibility",
                            "notify",   "metadata", "reboot_to_fastboot", "secrets"};
// What stands in the role, and in the part at its top. Everything else but `count` goes below the protocol.
constexpr std::array lifted{"device_type", "connection", "host_role", "context"};

template <std::size_t N>
bool contains(const std::array<const char*, N>& keys, std::string_view key) {
    return std::ranges::any_of(keys, [key](std::string_view one) { return one == key; });
}

const Map* protocol_of(const Map& job) {
    const auto* protocols = job.find("protocols");
    const auto* multinode = protocols ? protocols->find(protocol) : nullptr;
    return multinode ? multinode->as_map() : nullptr;
}

/// Roles that become jobs here. Throws: SubmissionError.
std::int64_t count_of(const std::string& name, const Value& role) {
    const auto* count = role.find("count");
    if (!count) throw SubmissionError{"role '" + name + "': 'count' is missing; it says how many machines play it"};
    const auto* number = count->as_int();
    if (!number || *number < 0)
        throw SubmissionError{"role '" + name + "': 'count' is " + python_str(*count) + "; it must be 0 or more"};
    if (role.find("connection"))
        throw SubmissionError{"role '" + name +
                              "': roles with 'connection', which share the machine of another, are not run by this "
                              "lab; give the role a 'device_type'"};
    if (config::text_or_empty(role.find("request")) == "lava-start" &&
        config::text_or_empty(role.find("expect_role")) == name)
        throw SubmissionError{"role '" + name +
                              "': 'expect_role' is the role itself, which would wait for its own lava_start; name the "
                              "role that sends it"};
    if (!role.find("device_type")) throw SubmissionError{"role '" + name + "': 'device_type' is missing"};
    return *number;
}

std::int64_t group_size_of(const Map& roles) {
    std::int64_t size = 0;
    for (const auto& [key, role] : roles) {
        size += std::min(count_of(python_str(key), role), largest_group + 1);
        if (size > largest_group)
            throw SubmissionError{"the roles ask for more than " + std::to_string(largest_group) +
                                  " machines, which is the most for one group; lower a 'count'"};
    }
    if (size == 0) throw SubmissionError{"no role asks for a machine; give one a 'count' of 1 or more"};
    return size;
}

bool plays(const Value& action, const std::string& role) {
    const auto* roles = action.find("role");
    if (!roles) return false;
    if (const auto* list = roles->as_list())
        return std::ranges::any_of(*list, [&role](const Value& one) { return python_str(one) == role; });
    return python_str(*roles) == role;
}

/// The actions of one role, which they then name as a text.
config::List actions_of(const Map& job, const std::string& role) {
    config::List mine;
    for (const auto& entry : *job.find("actions")->as_list()) {
        Map kept;
        for (const auto& [kind, body] : *entry.as_map()) {
            if (!plays(body, role)) continue;
            auto own = *body.as_map();
            own.set("role", role);
            kept.set(kind, std::move(own));
        }
        if (!kept.empty()) mine.emplace_back(std::move(kept));
    }
    return mine;
}

/// The part of a role without its number in the group.
Map part_of(const Map& job, const std::string& role, const Map& description) {
    Map part;
    part.set("actions", actions_of(job, role));
    for (const auto* key : copied) {
        if (const auto* value = job.find(key)) part.set(key, *value);
    }
    for (const auto* key : lifted) {
        if (const auto* value = description.find(key)) part.set(key, *value);
    }
    return part;
}

/// What the part says below `protocols.lava-multinode`.
Map membership(const Map& multinode, const std::string& role, const Map& description) {
    Map map;
    map.set("role", role);
    for (const auto& [key, value] : description) {
        const auto name = python_str(key);
        if (name != "count" && !contains(lifted, name)) map.set(key, value);
    }
    for (const auto& [key, value] : multinode) {
        if (python_str(key) != "roles") map.set(key, value);
    }
    return map;
}

std::vector<std::string> texts(const Value* value) {
    std::vector<std::string> all;
    const auto* list = value ? value->as_list() : nullptr;
    if (!list) return all;
    for (const auto& item : *list) all.push_back(python_str(item));
    return all;
}

bool is_true(const Value* value) { return value && value->as_bool() && *value->as_bool(); }

}  // namespace

bool is_multinode(const Map& job) {
    const auto* protocols = job.find("protocols");
    return protocols && protocols->find(protocol);
}

std::vector<MultinodePart> split_multinode(const Map& job, const std::string& target_group) {
    const auto* multinode = protocol_of(job);
    const auto* value = multinode ? multinode->find("roles") : nullptr;
    const auto* roles = value ? value->as_map() : nullptr;
    if (!roles) throw SubmissionError{"'lava-multinode' has no 'roles'; they say which machines there are"};
    const auto group_size = group_size_of(*roles);
    std::vector<MultinodePart> parts;
    for (const auto& [key, description] : *roles) {
        const auto role = python_str(key);
        const auto& words = *description.as_map();
        const auto part = part_of(job, role, words);
        const bool idle = part.find("actions")->as_list()->empty();
        const auto count = count_of(role, description);
        // LAVA takes it, and the others wait for somebody who never comes.
        if (idle && count > 0)
            throw SubmissionError{"role '" + role + "': no action names it; add it to the 'role' of its actions"};
        for (std::int64_t i = 0; i < count; ++i) {
            auto member = membership(*multinode, role, words);
            member.set("target_group", target_group);
            member.set("group_size", group_size);
            member.set("sub_id", static_cast<std::int64_t>(parts.size()));
            MultinodePart one{role,
                              python_str(*words.find("device_type")),
                              texts(words.find("tags")),
                              is_true(words.find("essential")),
                              text_or_empty(words.find("device")),
                              text_or_empty(words.find("worker")),
                              part};
            one.definition.set("protocols", Map{{std::string{protocol}, std::move(member)}});
            parts.push_back(std::move(one));
        }
    }
    return parts;
}

std::string with_roles(const std::string& definition, const std::map<JobId, std::string>& roles) {
    auto document = config::parse_yaml(definition);
    auto* job = document.as_map();
    auto* protocols = job ? job->find("protocols") : nullptr;
    auto* known = protocols ? protocols->as_map() : nullptr;
    auto* multinode = known ? known->find(protocol) : nullptr;
    if (!multinode || !multinode->as_map()) throw JobError{"the job has no 'protocols.lava-multinode'"};
    Map names;
    for (const auto& [id, role] : roles) names.set(std::to_string(id.value), role);
    multinode->as_map()->set("roles", std::move(names));
    return config::dump_yaml(document, config::KeyOrder::sorted);
}

std::optional<Multinode> read_multinode(const Value& document) {
    const auto* job = document.as_map();
    const auto* map = job ? protocol_of(*job) : nullptr;
    if (!map || !map->find("target_group") || !map->find("role")) return std::nullopt;
    Multinode multinode;
    multinode.target_group = python_str(*map->find("target_group"));
    multinode.role = python_str(*map->find("role"));
    if (const auto* roles = map->find("roles"); roles && roles->as_map()) {
        for (const auto& [id, role] : *roles->as_map()) multinode.roles.emplace_back(python_str(id), python_str(role));
        // Of numbers written as texts the shorter one is the smaller.
        std::ranges::sort(multinode.roles, {}, [](const auto& one) { return std::pair{one.first.size(), one.first}; });
    }
    multinode.tags = texts(map->find("tags"));
    if (const auto* environment = map->find("environment"); environment && environment->as_map())
        multinode.environment = *environment->as_map();
    const auto* timeout = map->find("timeout");
    if (timeout && timeout->as_map())
        multinode.timeout = multinode.start_timeout = config::sum_of_units(*timeout->as_map());
    if (config::text_or_empty(map->find("request")) == "lava-start")
        multinode.start_after = config::text_or_empty(map->find("expect_role"));
    return multinode;
}

}  // namespace patchbay
