// SPDX-License-Identifier: Apache-2.0
#include "devices/jinja/context_effects.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "core/errors.hpp"
#include "devices/qemu_arguments.hpp"

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::Value;

constexpr std::array<std::string_view, 6> may_change{
    "actions", "available_architectures", "character_delays", "constants", "parameters", "timeouts"};

// Below `actions`: what becomes commands of this host, or arguments of them, or says which of its drives is written to.
constexpr std::array<std::string_view, 9> host_deploys{"flasher", "recovery", "fastboot", "docker", "ssh",
                                                       "usbg-ms", "musca",    "mps",      "vemsd"};
constexpr std::array<std::string_view, 11> host_boots{"openocd", "pyocd",    "jlink", "dfu", "gdb",      "qdl",
                                                      "docker",  "fastboot", "ssh",   "uuu", "cmsis-dap"};

bool has_control_character(const Value& value) {
    if (const auto* list = value.as_list()) return std::ranges::any_of(*list, has_control_character);
    const auto* text = value.as_string();
    if (text == nullptr) return false;
    const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
    // YAML breaks lines also at U+0085, U+2028 and U+2029.
    return std::ranges::any_of(*text, is_control) || text->find("\xc2\x85") != std::string::npos ||
           text->find("\xe2\x80\xa8") != std::string::npos || text->find("\xe2\x80\xa9") != std::string::npos;
}

[[noreturn]] void refuse(const std::string& device, const std::string& key) {
    throw JobError{"the job's context changes '" + key + "' of device " + device +
                   ", which decides what the lab's own host does; leave out of the context what does so"};
}

std::set<std::string> keys_of(const Value& value) {
    std::set<std::string> keys;
    if (const auto* map = value.as_map()) {
        for (const auto& [key, each] : *map) keys.insert(config::python_str(key));
    }
    return keys;
}

Value* find(Value* value, std::initializer_list<std::string_view> path) {
    for (const auto key : path) {
        auto* map = value != nullptr ? value->as_map() : nullptr;
        value = map != nullptr ? map->find(key) : nullptr;
    }
    return value;
}

const Value* find(const Value& value, std::initializer_list<std::string_view> path) {
    const auto* found = &value;
    for (const auto key : path) found = found != nullptr ? found->find(key) : nullptr;
    return found;
}

void keep_equal(const Value& plain, const Value& job, std::initializer_list<std::string_view> path,
                const std::string& device) {
    const auto* before = find(plain, path);
    const auto* after = find(job, path);
    if (before == nullptr && after == nullptr) return;
    if (before != nullptr && after != nullptr && *before == *after) return;
    std::string key;
    for (const auto part : path) key += (key.empty() ? "" : ".") + std::string{part};
    refuse(device, key);
}

List list_of(const Value* value) {
    if (value == nullptr || value->is_null()) return {};
    if (const auto* list = value->as_list()) return *list;
    return {*value};
}

/// qemu-system-ARCH, from where the lab has it.
bool is_qemu_like(const std::filesystem::path& command, const std::filesystem::path& labs) {
    const auto name = command.filename().string();
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    constexpr std::string_view prefix = "qemu-system-";
    return command.parent_path() == labs.parent_path() && name.starts_with(prefix) &&
           std::all_of(name.begin() + prefix.size(), name.end(), is_plain);
}

/// One option in each: what begins with '-', and the pieces behind it.
std::vector<List> options_of(const List& pieces) {
    std::vector<List> options;
    for (const auto& piece : pieces) {
        if (options.empty() || config::python_str(piece).starts_with('-')) options.emplace_back();
        options.back().push_back(piece);
    }
    return options;
}

/// Judges the options of `job` that `plain` has not.
Value judged(const List& plain, const Value& job, const std::filesystem::path& folder) {
    const auto labs = options_of(plain);
    List accepted;
    for (const auto& option : options_of(list_of(&job))) {
        std::vector<std::string> pieces;
        for (const auto& piece : option) pieces.push_back(config::python_str(piece));
        if (std::ranges::find(labs, option) == labs.end()) pieces = check_job_pieces(pieces, folder);
        accepted.insert(accepted.end(), pieces.begin(), pieces.end());
    }
    return accepted;
}

void judge_qemu(const Value& plain, Value& job, std::string_view method, const std::string& device,
                const std::filesystem::path& folder) {
    auto* parameters = find(&job, {"actions", "boot", "methods", method, "parameters"});
    if (parameters == nullptr || !parameters->is_map()) return;
    const auto* labs = find(plain, {"actions", "boot", "methods", method, "parameters"});
    const Value none;
    if (labs == nullptr) labs = &none;
    const auto* labs_command = labs->find("command");
    const auto* command = parameters->find("command");
    if (command != nullptr && (labs_command == nullptr || *command != *labs_command) &&
        !is_qemu_like(config::python_str(*command), config::string_or_empty(labs_command)))
        refuse(device, "command");
    for (const std::string_view key : {"options", "extra"}) {
        auto* pieces = find(parameters, {key});
        if (pieces != nullptr && !pieces->is_null()) *pieces = judged(list_of(labs->find(key)), *pieces, folder);
    }
}

}  // namespace

void check_context(const Map& context, const std::string& device) {
    for (const auto& [key, value] : context) {
        if (has_control_character(value))
            throw JobError{"the job's context sets " + config::python_str(key) +
                           " to a text with a line break or another control character, which would be spliced into the "
                           "device file of " +
                           device + "; leave it out"};
    }
}

Value accept_context(const Value& plain, Value job, const std::string& device,
                     const std::filesystem::path& job_folder) {
    auto keys = keys_of(plain);
    keys.merge(keys_of(job));
    for (const auto& key : keys) {
        if (std::ranges::find(may_change, key) != may_change.end()) continue;
        const auto* before = plain.find(key);
        const auto* after = job.find(key);
        if (before == nullptr || after == nullptr || *before != *after) refuse(device, key);
    }
    const auto* trusted = find(plain, {"driver_options", "trusted_jobs"});
    if (trusted != nullptr && trusted->as_bool() != nullptr && *trusted->as_bool()) return job;
    for (const auto method : host_deploys) keep_equal(plain, job, {"actions", "deploy", "methods", method}, device);
    for (const auto method : host_boots) keep_equal(plain, job, {"actions", "boot", "methods", method}, device);
    keep_equal(plain, job, {"actions", "boot", "methods", "u-boot", "parameters", "uboot_mass_storage_device"}, device);
    keep_equal(plain, job, {"actions", "test"}, device);
    for (const std::string_view method : {"qemu", "qemu-nfs"}) judge_qemu(plain, job, method, device, job_folder);
    return job;
}

}  // namespace patchbay
