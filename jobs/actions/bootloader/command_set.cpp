// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/command_set.hpp"

namespace patchbay {

const config::Value* named_set(const ActionBlock& block, const LoaderSettings& loader) {
    const auto* commands = block.parameters.find("commands");
    const auto* name = commands ? commands->as_string() : nullptr;
    return name && loader.map() ? loader.map()->find(*name) : nullptr;
}

void check_commands(const ActionBlock& block, const LoaderSettings& loader, std::vector<std::string>& errors) {
    const auto* commands = block.parameters.find("commands");
    const bool optional = config::string_or_empty(block.parameters.find("method")) == "bootloader";
    if (!commands || commands->is_null()) {
        if (!optional) errors.push_back("missing commands");
        return;
    }
    if (const auto* list = commands->as_list()) {
        for (const auto& command : *list) {
            if (command.is_string()) continue;
            errors.push_back("Deploy Commands instruction is not a string: " + config::python_repr(command));
        }
        return;
    }
    const auto* set = named_set(block, loader);
    if (!set) {
        errors.push_back("Command '" + config::python_str(*commands) + "' not found in supported methods");
    } else if (!set->find("commands")) {
        errors.push_back("No commands found in parameters");
    }
}

std::vector<std::string> command_set(const ActionBlock& block, const LoaderSettings& loader) {
    const auto* commands = block.parameters.find("commands");
    if (commands && commands->as_list()) return texts_of(commands);
    const auto* set = named_set(block, loader);
    return set ? texts_of(set->find("commands")) : std::vector<std::string>{};
}

}  // namespace patchbay
