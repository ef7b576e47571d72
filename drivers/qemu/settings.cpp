// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/settings.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "devices/qemu_accelerator.hpp"

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

void replace_cpu(std::vector<std::string>& words, const std::string& from, const std::string& to) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if ((words[i] == "-cpu" || words[i] == "--cpu") && words[i + 1] == from) words[i + 1] = to;
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
    settings.architecture = qemu_architecture(settings.program);
    settings.options = words_of_pieces({method->find("options"), method->find("extra")});

    settings.network = read_qemu_network(settings.options);

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
        const auto other = other_processor(use_kvm, settings.architecture);
        for (auto* words : {&command, &image_words}) replace_cpu(*words, other.from, other.to);
        const auto processor = default_processor(use_kvm, settings.architecture);
        if (!processor.empty() && !settings.has_cpu && !has_option(image_words, "cpu"))
            command.insert(command.end(), {"-cpu", processor});
    }
    command.insert(command.end(), image_words.begin(), image_words.end());
    return command;
}

}  // namespace patchbay
