// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/device_environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "core/process/words.hpp"
#include "jobs/actions/secret_environment.hpp"
#include "jobs/overlay/shell_text.hpp"

namespace patchbay {
namespace {

std::map<std::string, std::string> own_variables() {
    std::map<std::string, std::string> variables;
    for (char** at = environ; *at; ++at) {
        const std::string_view line{*at};
        const auto equals = line.find('=');
        if (equals != std::string_view::npos && is_variable(line.substr(0, equals))) {
            variables.emplace(line.substr(0, equals), line.substr(equals + 1));
        }
    }
    return variables;
}

}  // namespace

std::vector<std::string> check_device_environment(const config::Value& env_dut) {
    std::vector<std::string> problems;
    if (env_dut.is_null()) return problems;
    if (!env_dut.as_map()) return {"the lab's env-dut must be a map with purge, removes and overrides"};
    if (const auto* purge = env_dut.find("purge"); purge && !purge->as_bool()) {
        problems.push_back("the lab's env-dut: 'purge' must be true or false");
    }
    if (const auto* removes = env_dut.find("removes"); removes && !removes->is_null() && !removes->as_list()) {
        problems.push_back("the lab's env-dut: 'removes' must be a list of names");
    }
    const auto* overrides = env_dut.find("overrides");
    if (!overrides || overrides->is_null()) return problems;
    if (!overrides->as_map()) {
        problems.push_back("the lab's env-dut: 'overrides' must be a map of names and values");
        return problems;
    }
    for (const auto& [name, value] : *overrides->as_map()) {
        const auto text = config::python_str(name);
        if (!is_variable(text)) problems.push_back("the lab's env-dut: '" + text + "' cannot be a variable's name");
        if (value.is_map() || value.is_list()) problems.push_back("the lab's env-dut: '" + text + "' must be a text");
    }
    return problems;
}

Variables device_environment(const config::Value& env_dut) {
    if (!env_dut.as_map()) return {};
    const auto* purge = env_dut.find("purge");
    auto variables =
        purge && purge->as_bool() && *purge->as_bool() ? std::map<std::string, std::string>{} : own_variables();
    if (const auto* removes = env_dut.find("removes"); removes && removes->as_list()) {
        for (const auto& name : *removes->as_list()) variables.erase(config::python_str(name));
    }
    if (const auto* overrides = env_dut.find("overrides"); overrides && overrides->as_map()) {
        for (const auto& [name, value] : *overrides->as_map()) {
            variables[config::python_str(name)] = value.is_null() ? std::string{} : config::python_str(value);
        }
    }
    return {variables.begin(), variables.end()};
}

std::string export_command(const std::string& name, const std::string& value, const std::string& rc_file) {
    // LAVA's form, which shells cut up when the value has a blank or a '$': those are quoted as a whole.
    const auto quoted = quote_word(value);
    const auto line =
        quoted == value ? "export " + name + "=\\'" + value + "\\'" : quote_word("export " + name + "=" + quoted);
    return "echo " + line + " >> " + rc_file;
}

}  // namespace patchbay
