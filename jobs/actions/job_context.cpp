// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/job_context.hpp"

#include <algorithm>

namespace patchbay {
namespace {

using Seconds = std::chrono::seconds;

template <class Map>
std::optional<Seconds> named(const Map& map, const std::string& name) {
    const auto entry = map.find(name);
    if (entry == map.end()) return std::nullopt;
    return entry->second;
}

/// Boot loaders fetch kernels while they work off their commands, a whole image takes its time to be written
/// (lava_dispatcher: timeout_exception, dd-image).
Seconds default_timeout(std::string_view action) {
    if (action == "bootloader-commands" || action == "depthcharge-start") return Seconds{90};
    if (action == "dd-image") return Seconds{600};
    return Seconds{30};
}

std::optional<int> as_count(const config::Value* value) {
    const auto number = read_count(value);
    if (!number) return std::nullopt;
    return static_cast<int>(std::clamp(*number, 1U, 1000U));
}

}  // namespace

ConsoleSession& JobContext::attach_console(const std::string& ns, std::string_view name) {
    if (!fingerprint) fingerprint = std::make_shared<FingerprintLog>(log, description.fingerprint);
    auto& console = namespaces[ns].console;
    console = std::make_unique<ConsoleSession>(device.need<Console>(name), *fingerprint,
                                               std::stoul(constant("spawn_maxread", "4092")));
    console->character_delay = description.character_delays.boot;
    return *console;
}

ConsoleSession& JobContext::attach_program(const std::string& ns, std::unique_ptr<Console> program) {
    auto& state = namespaces[ns];
    state.console.reset();  // it may refer to the program before
    state.program = std::move(program);
    state.console =
        std::make_unique<ConsoleSession>(*state.program, log, std::stoul(constant("spawn_maxread", "4092")));
    state.console->character_delay = description.character_delays.boot;
    return *state.console;
}

void JobContext::powered() {
    if (fingerprint) fingerprint->powered();
}

ConsoleSession& JobContext::console(const ActionBlock& block) {
    const auto& name = block.connection_namespace.empty() ? block.name_space : block.connection_namespace;
    auto& state = namespaces[name];
    if (state.console) return *state.console;
    if (!block.connection_namespace.empty()) {
        throw JobError{"Unable to reuse connection from namespace '" + name + "'"};
    }
    throw JobError{"No connection to the DUT: no boot action of namespace '" + name + "' opened one"};
}

Seconds JobContext::action_timeout(const std::string& action, const ActionBlock& block,
                                   std::optional<Seconds> share) const {
    Seconds value = definition.timeouts.action.value_or(default_timeout(action));
    if (const auto t = named(description.action_timeouts, action)) value = *t;
    if (block.timeout) value = *block.timeout;
    if (share) value = *share;
    if (const auto t = named(definition.timeouts.actions, action)) value = *t;
    if (const auto t = named(block.timeouts, action)) value = *t;
    return value;
}

Seconds JobContext::connection_timeout(const std::string& action, const ActionBlock& block) const {
    Seconds value = definition.timeouts.connection.value_or(Seconds{30});
    if (const auto t = named(description.connection_timeouts, action)) value = *t;
    if (const auto t = named(definition.timeouts.connections, action)) value = *t;
    if (block.connection_timeout) value = *block.connection_timeout;
    return value;
}

int JobContext::failure_retry(const ActionBlock& block) const {
    if (block.failure_retry) return std::max(1, *block.failure_retry);
    auto constant_count = [this](const char* name) -> std::optional<int> {
        if (const auto count = as_count(definition.context.find(name))) return count;
        return as_count(description.constant(name));
    };
    if (block.kind == ActionBlock::Kind::boot) {
        if (const auto count = constant_count("boot_retry")) return *count;
    }
    return constant_count("failure_retry").value_or(1);
}

std::string JobContext::constant(const std::string& path, const std::string& fallback) const {
    const auto* value = description.constant(path);
    return value && !value->is_null() ? config::python_str(*value) : fallback;
}

std::filesystem::path JobContext::tftp_directory() const { return patchbay::tftp_directory(settings, directory); }

std::filesystem::path JobContext::nfs_directory() const { return patchbay::nfs_directory(settings, directory); }

std::string JobContext::tftp_name(const std::filesystem::path& file) const {
    auto name = file.lexically_relative(tftp_directory().parent_path()).string();
    if (name.empty() || name.starts_with("..")) throw LavaBug{file.string() + " is not below the TFTP root"};
    return name;
}

std::string JobContext::results_directory(const std::string& ns) const {
    const auto* data = deployment_data(os_of(ns));
    std::string pattern = data ? std::string{data->results_dir} : constant("posix.lava_test_results_dir", "/lava-%s");
    if (const auto* own = definition.context.find("lava_test_results_dir"); own && own->as_string()) {
        pattern = *own->as_string();
    }
    const auto hole = pattern.find("%s");
    if (hole == std::string::npos) {
        throw JobError{"lava_test_results_dir '" + pattern + "' has no '%s' for the job's number"};
    }
    // It is spliced into scripts, options of programs and paths of this host.
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/%-";
    if (!pattern.starts_with('/') || pattern.find("..") != std::string::npos ||
        pattern.find_first_not_of(allowed) != std::string::npos) {
        throw JobError{"lava_test_results_dir '" + pattern +
                       "' is no absolute path of letters, digits, '.', '_', '-' and '/' without '..'"};
    }
    return pattern.replace(hole, 2, id);
}

std::string JobContext::shell(const std::string& ns) const {
    const auto* data = deployment_data(os_of(ns));
    return data ? std::string{data->shell} : constant("posix.lava_test_sh_cmd", "/bin/sh");
}

std::string JobContext::os_of(const std::string& ns) const {
    const auto state = namespaces.find(ns);
    return state == namespaces.end() ? std::string{} : state->second.os;
}

std::string python_list(const std::vector<std::string>& texts) {
    config::List list;
    for (const auto& text : texts) list.push_back(text);
    return config::python_repr(config::Value{std::move(list)});
}

}  // namespace patchbay
