// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include "core/process/words.hpp"
#include "jobs/overlay/shell_text.hpp"

namespace patchbay {
namespace {

/// What a shell takes as the name of a variable; anything else would end the whole environment file.
std::string variable_name(std::string name) {
    for (auto& c : name) {
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    }
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front()))) name.insert(0, "_");
    return name;
}

void flatten(const std::string& name, const config::Value& value, std::vector<std::string>& lines) {
    const auto below = [&](const std::string& key) { return name.empty() ? key : name + "_" + key; };
    if (const auto* map = value.as_map()) {
        for (const auto& [key, item] : *map) flatten(below(config::python_str(key)), item, lines);
        return;
    }
    if (const auto* list = value.as_list()) {
        for (std::size_t i = 0; i < list->size(); ++i) flatten(below(std::to_string(i)), (*list)[i], lines);
        return;
    }
    std::string text;
    if (const auto* flag = value.as_bool()) {
        text = *flag ? "1" : "0";
    } else if (!value.is_null()) {
        text = quote_word(config::python_str(value));
    } else {
        text = "''";
    }
    lines.push_back("export " + variable_name(name) + "=" + text);
}

}  // namespace

std::vector<std::string> export_lines(const std::string& prefix, const config::Value& value) {
    std::vector<std::string> lines;
    flatten(prefix, value, lines);
    return lines;
}

}  // namespace patchbay
