// SPDX-License-Identifier: Apache-2.0
#include "devices/rendered_defaults.hpp"

#include <string>
#include <vector>

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::Value;

/// The variable when it is set, also to an empty text, else the default; jinja's default() filter.
Value pick(const Map& variables, std::string_view name, Value fallback) {
    const auto* set = variables.find(name);
    return set == nullptr ? fallback : *set;
}

struct DefaultTimeout {
    const char* name;
    const char* unit;
    int number;
};

constexpr DefaultTimeout action_timeouts[] = {
    {"apply-overlay-image", "minutes", 2},
    {"dd-image", "minutes", 10},
    {"download-retry", "minutes", 15},
    {"http-download", "minutes", 5},
    {"lava-test-shell", "minutes", 3},
    {"nfs-deploy", "minutes", 10},
    {"power-off", "seconds", 10},
    {"bootloader-commands", "minutes", 3},
    {"bootloader-interrupt", "seconds", 30},
    {"u-boot-interrupt", "seconds", 30},
    {"umount-retry", "seconds", 45},
    {"auto-login-action", "minutes", 2},
    {"bootloader-action", "minutes", 3},
    {"uboot-action", "minutes", 3},
    {"uboot-commands", "minutes", 3},
    {"bootloader-retry", "minutes", 3},
    {"boot-qemu-image", "minutes", 2},
    {"boot-image-retry", "minutes", 2},
    {"flash-uboot-ums", "minutes", 20},
    {"musca-deploy", "minutes", 3},
    {"musca-boot", "minutes", 1},
    {"unmount-musca-usbmsd", "seconds", 30},
    {"pdu-reboot", "seconds", 30},
    {"reset-device", "seconds", 30},
};

constexpr DefaultTimeout connection_timeouts[] = {
    {"dd-image", "minutes", 10},
    {"uboot-commands", "seconds", 30},
    {"bootloader-commands", "seconds", 30},
    {"auto-login-action", "minutes", 2},
    {"bootloader-interrupt", "seconds", 30},
    {"u-boot-interrupt", "seconds", 30},
    {"lava-test-shell", "seconds", 10},
    {"lava-docker-test-shell", "seconds", 10},
};

std::string variable_name(const char* prefix, std::string name) {
    if (std::string_view{prefix} == "connection_timeout_" && name.ends_with("test-shell")) name = "feedback";
    for (auto& c : name) c = c == '-' ? '_' : c;
    return prefix + name;
}

template <std::size_t N>
Map render(const DefaultTimeout (&table)[N], const char* prefix, const Map& variables) {
    Map rendered;
    for (const auto& row : table) {
        rendered.set(row.name, Map{{row.unit, pick(variables, variable_name(prefix, row.name), row.number)}});
    }
    return rendered;
}

template <std::size_t N>
void add_names(const DefaultTimeout (&table)[N], const char* prefix, std::vector<std::string>& names) {
    for (const auto& row : table) names.push_back(variable_name(prefix, row.name));
}

}  // namespace

std::vector<std::string> timeout_variables() {
    std::vector<std::string> names;
    add_names(action_timeouts, "action_timeout_", names);
    add_names(connection_timeouts, "connection_timeout_", names);
    return names;
}

Map default_constants(const Map& variables) {
    const Map posix{{"lava_test_sh_cmd", pick(variables, "lava_test_sh_cmd", "/bin/sh")},
                    {"lava_test_results_dir", pick(variables, "lava_test_results_dir", "/lava-%s")},
                    {"lava_test_shell_file", pick(variables, "lava_test_shell_file", "~/.bashrc")}};
    Map constants;
    constants.set("posix", posix);
    constants.set("shutdown-message", pick(variables, "shutdown_message", "The system is going down for reboot NOW"));
    constants.set("kernel-start-message", pick(variables, "kernel_start_message", "Linux version [0-9]"));
    constants.set("default-shell-prompt", pick(variables, "default_shell_prompt", "lava-test: # "));
    constants.set("spawn_maxread", pick(variables, "spawn_maxread", "4092"));
    constants.set("failure_retry", pick(variables, "failure_retry", 1));
    constants.set("boot_retry", pick(variables, "boot_retry", nullptr));
    return constants;
}

Map default_timeouts(const Map& variables) {
    Map timeouts;
    timeouts.set("actions", render(action_timeouts, "action_timeout_", variables));
    timeouts.set("connections", render(connection_timeouts, "connection_timeout_", variables));
    return timeouts;
}

Map character_delays(const Map& variables) {
    Map delays;
    for (const std::string phase : {"deploy", "boot", "test"}) {
        const auto* delay = variables.find(phase + "_character_delay");
        if (delay != nullptr && !delay->is_null()) delays.set(phase, *delay);
    }
    return delays;
}

}  // namespace patchbay
