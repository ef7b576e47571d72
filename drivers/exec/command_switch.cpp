// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/process/words.hpp"
#include "drivers/exec/exec.hpp"

namespace patchbay {
namespace {

struct Settings {
    std::vector<std::string> on, off;  ///< one after the other, as a shell cuts words; no shell runs
    std::string status;                ///< prints "on" or "off", or ends with 0 or 1; empty: cannot be read back
    std::chrono::seconds timeout{0};   ///< for each command
};

std::vector<std::string> read_commands(config::MapReader& options, std::string_view key) {
    const auto* value = options.raw(key);
    if (value == nullptr) options.problem(key, "missing: a command, or a list of them");
    if (value != nullptr && value->is_string()) return {*value->as_string()};
    return options.value_or<std::vector<std::string>>(key, {});
}

void check_words(config::MapReader& options, std::string_view key, const std::vector<std::string>& commands) {
    for (const auto& command : commands) {
        try {
            if (split_words(command).empty()) options.problem(key, "is an empty command");
        } catch (const ConfigurationError& error) {
            options.problem(key, error.what());
        }
    }
}

Settings read(config::MapReader& options) {
    Settings settings;
    settings.on = read_commands(options, "on_command");
    settings.off = read_commands(options, "off_command");
    settings.status = options.value_or<std::string>("status_command", "");
    settings.timeout = options.value_or("timeout", std::chrono::seconds{30});
    check_words(options, "on_command", settings.on);
    check_words(options, "off_command", settings.off);
    if (options.has("status_command")) check_words(options, "status_command", {settings.status});
    return settings;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

class CommandSwitch final : public Switch {
public:
    CommandSwitch(Settings settings, std::string label) : settings_{std::move(settings)}, label_{std::move(label)} {}

    /// Of a list, the first has to do.
    std::string name() const override {
        if (settings_.on.empty() || settings_.off.empty()) return "contact of commands";
        return "contact of the commands '" + settings_.on.front() + "' and '" + settings_.off.front() + "'";
    }

    Task<> set(bool on) override {
        for (const auto& text : on ? settings_.on : settings_.off) {
            const auto output = co_await run(text);
            if (output.exit_code != 0) throw_failed(text, output);
        }
    }

    Task<std::optional<bool>> read() override {
        if (settings_.status.empty()) co_return std::nullopt;
        const auto output = co_await run(settings_.status);
        const auto said = trimmed(output.text);
        if (said == "on" || said == "off") co_return said == "on";
        if (said.empty() && output.exit_code <= 1) co_return output.exit_code == 0;
        throw_failed(settings_.status, output);
    }

private:
    Task<CommandOutput> run(std::string text) {
        Command command;
        command.argv = split_words(text);
        co_return co_await capture_command(std::move(command), Deadline::in(settings_.timeout), 4096);
    }

    [[noreturn]] void throw_failed(const std::string& command, const CommandOutput& output) const {
        const auto said = trimmed(output.text);
        throw InfrastructureError{label_ + ": '" + command + "' ended with " + std::to_string(output.exit_code) +
                                  (said.empty() ? ", saying nothing" : ": " + said) + "; run it by hand"};
    }

    Settings settings_;
    std::string label_;
};

}  // namespace

SwitchPtr make_command_switch(const DriverRequest& request) {
    return std::make_unique<CommandSwitch>(read(request.options), request.label);
}

}  // namespace patchbay
