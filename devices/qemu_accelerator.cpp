// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_accelerator.hpp"

#include <algorithm>

#include "core/process/words.hpp"

namespace patchbay {
namespace {

bool is_word(const std::string& word, std::string_view option) {
    return word == "-" + std::string{option} || word == "--" + std::string{option};
}

void append_pieces(const config::Value* value, std::string& line) {
    if (value == nullptr || value->is_null()) return;
    if (const auto* list = value->as_list()) {
        for (const auto& piece : *list) append_pieces(&piece, line);
        return;
    }
    line += (line.empty() ? "" : " ") + config::python_str(*value);
}

/// nullptr: there is no such map.
config::Map* below(config::Map* map, std::string_view key) {
    auto* value = map ? map->find(key) : nullptr;
    return value ? value->as_map() : nullptr;
}

void tell_method(config::Map& parameters, bool kvm) {
    const auto words = words_of_pieces({parameters.find("options"), parameters.find("extra")});
    if (chooses_accelerator(words)) return;
    const auto architecture = qemu_architecture(config::text_or_empty(parameters.find("command")));
    const auto other = other_processor(kvm, architecture);
    if (auto* options = parameters.find("options"); options && options->is_list()) {
        for (auto& piece : *options->as_list())
            if (piece == config::Value{"-cpu " + other.from}) piece = "-cpu " + other.to;
    }
    config::List extra;
    if (const auto* given = parameters.find("extra"); given && given->is_list()) extra = *given->as_list();
    // Before what the device says: of two equal options QEMU takes the last. LAVA looks for the word -enable-kvm.
    std::vector<std::string> first{kvm ? "-enable-kvm" : "-accel tcg"};
    const auto processor = default_processor(kvm, architecture);
    if (!processor.empty() && !has_option(words, "cpu")) first.push_back("-cpu " + processor);
    extra.insert(extra.begin(), first.begin(), first.end());
    parameters.set("extra", std::move(extra));
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

std::vector<std::string> words_of_pieces(const std::vector<const config::Value*>& pieces) {
    std::string line;
    for (const auto* piece : pieces) append_pieces(piece, line);
    return split_command_line(line);
}

std::string qemu_architecture(const std::string& program) {
    const auto name = program.substr(program.rfind('/') + 1);
    constexpr std::string_view prefix = "qemu-system-";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

OtherProcessor other_processor(bool kvm, const std::string& architecture) {
    // LAVA's template has cortex-a57 for every arm64 machine, and KVM runs no other processor than the host's.
    if (kvm) return {architecture == "aarch64" ? "cortex-a57" : "", "host"};
    return {"host", "max"};
}

std::string default_processor(bool kvm, const std::string& architecture) {
    if (kvm) return "host";
    // Distributions of today need more than QEMU's default processor (x86-64-v2).
    return architecture == "x86_64" || architecture == "i386" ? "max" : "";
}

void tell_lava_accelerator(config::Map& device) {
    const auto* options = device.find("driver_options");
    const auto accelerator = options ? config::text_or_empty(options->find("accel")) : "";
    if (accelerator != "kvm" && accelerator != "tcg") return;
    auto* methods = below(below(below(&device, "actions"), "boot"), "methods");
    for (const auto* name : {"qemu", "qemu-nfs"})
        if (auto* parameters = below(below(methods, name), "parameters"))
            tell_method(*parameters, accelerator == "kvm");
}

}  // namespace patchbay
