// SPDX-License-Identifier: Apache-2.0
// The statements of install.sh and run.sh, in LAVA's order (lava_dispatcher/actions/deploy/testdef.py).
#include <algorithm>
#include <cctype>
#include <cstdio>

#include "jobs/overlay/shell_text.hpp"

namespace patchbay {
namespace {

std::string parameters_text(const OverlayDefinition& definition) {
    std::string text = "# parameters of the test definition\n";
    for (const auto& line : parameter_lines(definition.definition.parameters)) text += line + "\n";
    text += "# end\n# parameters of the job\n";
    for (const auto& line : parameter_lines(definition.source.parameters)) text += line + "\n";
    return text + "# end\n";
}

/// "$1" would be ours, not the inner shell's: "\$1" in lines that hand a command to one.
std::string keep_positional(const std::string& step) {
    if (step.find("--cmd") == std::string::npos && step.find("--shell") == std::string::npos) return step;
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    const auto is_word = [&](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    std::string result;
    for (std::size_t i = 0; i < step.size(); ++i) {
        if (step[i] == '$') {
            auto end = i + 1;
            while (end < step.size() && is_digit(step[end])) ++end;
            const bool positional = end > i + 1 && (end == step.size() || !is_word(step[end]));
            if (positional) result += '\\';
        }
        result += step[i];
    }
    return result;
}

std::string signal_line(std::string_view name, bool kernel) {
    const auto text = "<LAVA_SIGNAL_" + std::string{name} + " $TESTRUN_ID $UUID>";
    return kernel ? "echo \"<0>" + text + "\" > /dev/kmsg\n" : "echo \"" + text + "\"\n";
}

std::string seconds(std::chrono::milliseconds time) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(time.count()) / 1000);
    return text;
}

}  // namespace

std::vector<std::string> parameter_lines(const config::Map& parameters) {
    std::vector<std::string> lines;
    for (const auto& [key, value] : parameters) {
        auto text = value.is_null() ? std::string{} : config::python_str(value);
        // LAVA puts the text between quotes as it is, and texts with quotes in pairs rely on that. An odd one can only
        // break the script: it is escaped.
        if (std::count(text.begin(), text.end(), '\'') % 2 != 0) {
            std::string escaped;
            for (const char c : text) escaped += c == '\'' ? std::string{"'\\''"} : std::string{c};
            text = std::move(escaped);
        }
        lines.push_back(config::python_str(key) + "='" + text + "'");
    }
    return lines;
}

std::string install_script(const OverlayDefinition& definition) {
    const auto& source = definition.source;
    const auto& file = definition.definition;
    auto text = parameters_text(definition);
    if (!source.skips("keys")) {
        for (const auto& key : file.install_keys) text += "lava-add-keys " + key + "\n";
    }
    if (!source.skips("sources")) {
        for (const auto& line : file.install_sources) text += "lava-add-sources " + line + "\n";
    }
    if (!source.skips("deps") && !file.install_deps.empty()) {
        text += "lava-install-packages ";
        for (const auto& package : file.install_deps) text += package + " ";
        text += "\n";
    }
    if (!source.skips("steps") && !file.install_steps.empty()) {
        text += "cd " + definition.directory + "\npwd\n";
        for (const auto& step : file.install_steps) text += step + "\n";
    }
    return text;
}

std::string run_script(const OverlaySettings& settings, const OverlayDefinition& definition) {
    const bool kernel = definition.source.signal == SignalMode::kernel_message;
    auto text = parameters_text(definition);
    text += "set -e\nset -x\n";
    text += "export TESTRUN_ID=" + definition.id + "\n";
    text += "cd " + definition.directory + "\n";
    text += "UUID='" + definition.uuid + "'\n";
    text += "set +x\n";
    if (settings.character_delay.count() > 0) {
        text += "export CHARACTER_DELAY=" + seconds(settings.character_delay) + "\n";
        text += "sleep " + seconds(settings.character_delay) + "\n";
    }
    if (kernel) text += "# USE_KMSG\nexport KMSG=true\n";
    text += signal_line("STARTRUN", kernel);
    text += "set -x\n";
    for (const auto& step : definition.definition.run_steps) text += keep_positional(step) + "\n";
    text += "set +x\n";
    if (kernel) text += "unset KMSG\n";
    return text + signal_line("ENDRUN", kernel);
}

}  // namespace patchbay
