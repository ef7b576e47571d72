// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/loader_settings.hpp"

namespace patchbay {

std::string loader_of(const ActionBlock& block) {
    const auto method = config::string_or_empty(block.parameters.find("method"));
    // A deploy that speaks to a loader, and boots by a program of this host, come to theirs by U-Boot.
    const bool by_program = method == "fastboot" || method == "dfu" || method == "uuu";
    if (block.kind == ActionBlock::Kind::deploy || by_program) return "u-boot";
    return method == "bootloader" ? config::string_or_empty(block.parameters.find("bootloader")) : method;
}

std::vector<std::string> texts_of(const config::Value* value) {
    std::vector<std::string> texts;
    if (!value || value->is_null()) return texts;
    if (const auto* list = value->as_list()) {
        for (const auto& text : *list) texts.push_back(config::python_str(text));
    } else if (const auto* text = value->as_string()) {
        texts.push_back(*text);
    }
    return texts;
}

LoaderSettings::LoaderSettings(const JobContext& job, const ActionBlock& block)
    : LoaderSettings{job, loader_of(block)} {}

LoaderSettings::LoaderSettings(const JobContext& job, std::string method)
    : device_{job.description}, method_{std::move(method)} {
    const auto* found = device_.boot_methods.find(method_);
    map_ = found ? found->as_map() : nullptr;
    const auto* parameters = map_ ? map_->find("parameters") : nullptr;
    parameters_ = parameters ? parameters->as_map() : nullptr;
}

const config::Value* LoaderSettings::parameter(std::string_view key) const {
    return parameters_ ? parameters_->find(key) : nullptr;
}

const config::Value* LoaderSettings::constant(std::string_view key) const {
    return device_.constant(method_ + "." + std::string{key});
}

std::string LoaderSettings::text(std::string_view key, const std::string& otherwise) const {
    const auto* value = parameter(key);
    return value && !value->is_null() ? config::python_str(*value) : otherwise;
}

bool LoaderSettings::flag(std::string_view key, bool otherwise) const {
    const auto* value = parameter(key);
    const auto* flag = value ? value->as_bool() : nullptr;
    return flag ? *flag : otherwise;
}

std::string LoaderSettings::text_or_constant(std::string_view key, std::string_view name) const {
    if (const auto* own = parameter(key); own && !own->is_null()) return config::python_str(*own);
    if (const auto* value = constant(name); value && !value->is_null()) return config::python_str(*value);
    throw ConfigurationError{"the device has neither '" + std::string{key} + "' in the parameters of boot method '" +
                             method_ + "' nor the constant '" + method_ + "." + std::string{name} + "'"};
}

std::vector<std::string> LoaderSettings::list_or_constant(std::string_view key, std::string_view name) const {
    const auto* own = parameter(key);
    return texts_of(own ? own : constant(name));
}

std::string LoaderSettings::prompt() const {
    auto prompt = text("bootloader_prompt");
    if (prompt.empty()) {
        throw ConfigurationError{
            "Missing bootloader prompt for device: 'bootloader_prompt' in the parameters of boot "
            "method '" +
            method_ + "'"};
    }
    return prompt;
}

InterruptPlan LoaderSettings::interrupt_plan() const {
    InterruptPlan plan;
    plan.bootloader_prompt = prompt();
    plan.needs_interrupt = flag("needs_interrupt", true);
    if (!plan.needs_interrupt) return plan;
    plan.interrupt_prompt = text_or_constant("interrupt_prompt", "interrupt-prompt");
    const auto controls = list_or_constant("interrupt_ctrl_list", "interrupt_ctrl_list");
    if (!controls.empty()) {
        for (const auto& letter : controls) plan.keys.push_back({Typing::Kind::control, letter});
        return plan;
    }
    const auto* newline = constant("interrupt-newline");
    const bool line = !newline || !newline->as_bool() || *newline->as_bool();
    plan.keys.push_back(
        {line ? Typing::Kind::line : Typing::Kind::bytes, text_or_constant("interrupt_char", "interrupt-character")});
    return plan;
}

ErrorMessages LoaderSettings::error_messages() const { return {method_, texts_of(constant("error-messages"))}; }

std::string LoaderSettings::final_message(const ActionBlock& block) const {
    const auto* parameters = block.parameters.find("parameters");
    const auto* own = parameters ? parameters->find("bootloader-final-message") : nullptr;
    const auto text = config::string_or_empty(own);
    return text.empty() ? config::text_or_empty(constant("final-message")) : text;
}

}  // namespace patchbay
