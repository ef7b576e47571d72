// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/settings.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "core/process/words.hpp"

namespace patchbay {
namespace {

const config::Value* at(const config::Map& map, std::initializer_list<std::string_view> path) {
    const config::Value* value = nullptr;
    for (const auto key : path) {
        value = value == nullptr ? map.find(key) : value->find(key);
        if (value == nullptr) return nullptr;
    }
    return value;
}

/// LAVA joins the pieces with blanks before it splits them, so a piece may be half of a quoted word.
void append_pieces(const config::Value* value, std::string& line) {
    if (value == nullptr || value->is_null()) return;
    if (const auto* list = value->as_list()) {
        for (const auto& piece : *list) append_pieces(&piece, line);
        return;
    }
    line += (line.empty() ? "" : " ") + config::python_str(*value);
}

std::string architecture_of(const std::string& program) {
    const auto name = program.substr(program.rfind('/') + 1);
    constexpr std::string_view prefix = "qemu-system-";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

bool is_word(const std::string& word, std::string_view option) {
    return word == "-" + std::string{option} || word == "--" + std::string{option};
}

void replace_cpu(std::vector<std::string>& words, const std::string& from, const std::string& to) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (is_word(words[i], "cpu") && words[i + 1] == from) words[i + 1] = to;
    }
}

Accelerator read_accelerator(const std::string& text, const std::string& device) {
    if (text.empty() || text == "auto") return Accelerator::automatic;
    if (text == "kvm") return Accelerator::kvm;
    if (text == "tcg") return Accelerator::tcg;
    throw ConfigurationError{"device " + device + ": driver_options.accel is '" + text +
                             "'; it must be auto, kvm or tcg"};
}

}  // namespace

bool has_option(const std::vector<std::string>& words, std::string_view option) {
    return std::any_of(words.begin(), words.end(), [option](const auto& word) { return is_word(word, option); });
}

bool chooses_accelerator(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (const auto option : {"accel", "enable-kvm", "no-kvm"}) {
            if (is_word(words[i], option)) return true;
        }
        const bool machine = is_word(words[i], "machine") || is_word(words[i], "M");
        if (machine && i + 1 < words.size() && words[i + 1].find("accel=") != std::string::npos) return true;
    }
    return false;
}

QemuSettings read_qemu_settings(const DeviceDescription& description) {
    QemuSettings settings;
    settings.device = description.name;
    const auto* method = at(description.boot_methods, {"qemu", "parameters"});
    if (method != nullptr) settings.program = config::text_or_empty(method->find("command"));
    if (method == nullptr || settings.program.empty() || settings.program == "qemu-system-") {
        throw ConfigurationError{"device " + description.name +
                                 ": actions.boot.methods.qemu.parameters.command names no program; set the device's "
                                 "arch or let the job's context do it"};
    }
    settings.architecture = architecture_of(settings.program);
    std::string line;
    append_pieces(method->find("options"), line);
    append_pieces(method->find("extra"), line);
    settings.options = split_command_line(line);

    const auto& options = description.driver_options;
    settings.accelerator = read_accelerator(config::text_or_empty(options.find("accel")), description.name);
    if (chooses_accelerator(settings.options)) settings.accelerator = Accelerator::as_written;
    settings.has_cpu = has_option(settings.options, "cpu");
    if (const auto* trusted = options.find("trusted_jobs"))
        settings.trusted_jobs = trusted->as_bool() && *trusted->as_bool();

    if (const auto* guest = at(description.deploy_methods, {"image", "parameters", "guest"})) {
        if (const auto text = config::text_or_empty(guest->find("interface")); !text.empty())
            settings.guest_drive.interface = text;
        if (const auto text = config::text_or_empty(guest->find("driveid")); !text.empty())
            settings.guest_drive.id = text;
    }
    return settings;
}

std::vector<std::string> qemu_command(const QemuSettings& settings, const std::string& program_path, bool kvm,
                                      std::vector<std::string> image_words) {
    std::vector<std::string> command{program_path};
    command.insert(command.end(), settings.options.begin(), settings.options.end());
    // -nographic alone puts QEMU's monitor, which runs host commands, behind Ctrl-A of the job's console.
    const bool monitor = has_option(settings.options, "monitor") || has_option(settings.options, "nodefaults");
    if (!monitor && !settings.trusted_jobs) command.insert(command.end(), {"-monitor", "none"});
    const bool chosen = settings.accelerator == Accelerator::as_written || chooses_accelerator(image_words);
    const bool use_kvm =
        settings.accelerator == Accelerator::kvm || (settings.accelerator == Accelerator::automatic && kvm);
    if (!chosen) {
        command.insert(command.end(), {"-accel", use_kvm ? "kvm" : "tcg"});
        // A processor that the accelerator has not stands for its best. LAVA's template has cortex-a57 for every arm64
        // machine, and KVM runs no other processor than the host's.
        const std::string impossible = !use_kvm ? "host" : settings.architecture == "aarch64" ? "cortex-a57" : "";
        for (auto* words : {&command, &image_words}) replace_cpu(*words, impossible, use_kvm ? "host" : "max");
        const bool pc = settings.architecture == "x86_64" || settings.architecture == "i386";
        if (!settings.has_cpu && !has_option(image_words, "cpu")) {
            // Distributions of today need more than QEMU's default processor (x86-64-v2).
            if (use_kvm) command.insert(command.end(), {"-cpu", "host"});
            if (!use_kvm && pc) command.insert(command.end(), {"-cpu", "max"});
        }
    }
    command.insert(command.end(), image_words.begin(), image_words.end());
    return command;
}

}  // namespace patchbay
