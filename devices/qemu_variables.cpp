// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_variables.hpp"

#include <algorithm>
#include <map>

#include "core/config/closest.hpp"
#include "core/config/number.hpp"
#include "devices/rendered_defaults.hpp"

namespace patchbay {
namespace {

using config::Value;

enum class Kind { text, number, count, flag, memory, accelerator, words, names, mapping, mappings };

const std::map<std::string, Kind>& kinds() {
    static const std::map<std::string, Kind> table = [] {
        std::map<std::string, Kind> all{
            {"memory", Kind::memory},        {"accel", Kind::accelerator},    {"extra_options", Kind::words},
            {"fixed", Kind::names},          {"environment", Kind::mapping},  {"user_commands", Kind::mapping},
            {"device_info", Kind::mappings}, {"static_info", Kind::mappings}, {"storage_info", Kind::mappings},
        };
        for (const auto* name : {"arch",
                                 "cpu",
                                 "machine",
                                 "model",
                                 "netdevice",
                                 "mac_addr",
                                 "serial",
                                 "vga",
                                 "monitor",
                                 "program",
                                 "boot_console",
                                 "boot_root",
                                 "console_device",
                                 "extra_nfsroot_args",
                                 "guestfs_interface",
                                 "guestfs_driveid",
                                 "kernel_start_message",
                                 "shutdown_message",
                                 "default_shell_prompt",
                                 "lava_test_results_dir",
                                 "lava_test_sh_cmd",
                                 "lava_test_shell_file"})
            all.emplace(name, Kind::text);
        for (const auto* name : {"guestfs_size", "failure_retry", "boot_retry", "deploy_character_delay",
                                 "boot_character_delay", "test_character_delay"})
            all.emplace(name, Kind::number);
        all.emplace("spawn_maxread", Kind::count);
        for (const auto* name : {"no_kvm", "no_network", "trusted_jobs"}) all.emplace(name, Kind::flag);
        for (auto& name : timeout_variables()) all.emplace(std::move(name), Kind::number);
        return all;
    }();
    return table;
}

std::string unknown(const std::string& name) {
    std::vector<std::string> known;
    for (const auto& [each, kind] : kinds()) known.push_back(each);
    const auto* near = config::closest(name, known);
    return "unknown variable" + (near != nullptr ? " (did you mean '" + *near + "'?)" : std::string{});
}

bool is_scalar(const Value& value) { return !value.is_list() && !value.is_map(); }

bool is_number(const Value& value, unsigned least) {
    const auto number = config::read_count(config::python_str(value));
    return is_scalar(value) && number && *number >= least;
}

std::string problem_of(Kind kind, const Value& value) {
    switch (kind) {
        case Kind::text:
            return is_scalar(value) ? "" : "must be a text";
        case Kind::number:
            return is_number(value, 0) ? "" : "must be a number, 0 or more";
        case Kind::count:
            return is_number(value, 1) ? "" : "must be a number, 1 or more";
        case Kind::flag:
            return value.as_bool() != nullptr ? "" : "must be true or false";
        case Kind::memory:
            return is_scalar(value) && is_qemu_memory(config::python_str(value)) ? "" : "must be a size: 512, 2G";
        case Kind::accelerator: {
            const auto text = config::python_str(value);
            return text == "auto" || text == "kvm" || text == "tcg" ? "" : "must be auto, kvm or tcg";
        }
        case Kind::words:
            if (const auto* list = value.as_list()) {
                return std::all_of(list->begin(), list->end(), is_scalar) ? "" : "must be a list of texts";
            }
            return value.is_map() ? "must be a list of texts" : "";
        case Kind::names:
            if (const auto* list = value.as_list()) {
                for (const auto& name : *list) {
                    const auto text = config::python_str(name);
                    if (!kinds().contains(text)) return "'" + text + "': " + unknown(text);
                }
                return "";
            }
            return "must be a list of variables";
        case Kind::mapping:
            return value.is_map() ? "" : "must be a mapping";
        case Kind::mappings:
            return value.is_list() ? "" : "must be a list of mappings";
    }
    return "";
}

}  // namespace

bool is_qemu_memory(const std::string& text) {
    if (text.starts_with("size=")) return is_qemu_memory(text.substr(5));
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return false;
    const auto rest = text.substr(digits);
    return rest.empty() || rest.front() == ',' ||
           (std::string_view{"bBkKmMgGtT"}.find(rest.front()) != std::string_view::npos &&
            (rest.size() == 1 || rest[1] == ','));
}

std::vector<std::string> qemu_variable_problems(const config::Map& variables) {
    std::vector<std::string> problems;
    for (const auto& [key, value] : variables) {
        const auto name = config::python_str(key);
        const auto found = kinds().find(name);
        if (found != kinds().end() && value.is_null()) continue;
        const auto problem = found == kinds().end() ? unknown(name) : problem_of(found->second, value);
        if (!problem.empty()) problems.emplace_back(name).append(": ").append(problem);
    }
    return problems;
}

}  // namespace patchbay
