// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/boot_commands.hpp"

namespace patchbay {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// The command with its values; nothing when it is left out.
std::optional<std::string> substituted(std::string command, const BootValues& values, Missing missing) {
    for (const auto& [name, value] : values) {
        const auto placeholder = "{" + name + "}";
        if (command.find(placeholder) == std::string::npos) continue;
        if (value.empty() && missing == Missing::drops_command) return std::nullopt;
        if (value.empty() && missing == Missing::keeps_placeholder) continue;
        replace_all(command, placeholder, value);
    }
    return command;
}

}  // namespace

std::vector<std::string> substitute_commands(const std::vector<std::string>& commands, const BootValues& values,
                                             Missing missing) {
    std::vector<std::string> done;
    for (const auto& command : commands) {
        if (auto text = substituted(command, values, missing)) done.push_back(std::move(*text));
    }
    return done;
}

std::vector<std::string> with_boot_arguments(std::vector<std::string> commands, const std::string& arguments) {
    for (auto& command : commands) replace_all(command, "{BOOT_ARGUMENTS}", arguments);
    return commands;
}

std::string bootx(const BootxParts& parts) {
    const auto& kernel = parts.has_tee ? parts.tee : parts.kernel;
    std::string ramdisk = "-";
    if (parts.has_ramdisk) ramdisk = parts.sized ? parts.ramdisk + ":${initrd_size}" : parts.ramdisk;
    return parts.command + " " + kernel + " " + ramdisk + " " + parts.dtb;
}

std::vector<std::string> expand_overlays(const std::vector<std::string>& commands,
                                         const std::vector<std::string>& apply, std::size_t overlays) {
    std::vector<std::string> expanded;
    for (const auto& command : commands) {
        if (command != "{APPLY_DTBO_COMMANDS}") {
            expanded.push_back(command);
            continue;
        }
        for (std::size_t i = 0; i < overlays; ++i) {
            for (auto line : apply) {
                replace_all(line, "{DTBO}", "{DTBO" + std::to_string(i) + "}");
                expanded.push_back(std::move(line));
            }
        }
    }
    return expanded;
}

}  // namespace patchbay
