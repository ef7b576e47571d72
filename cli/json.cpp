// SPDX-License-Identifier: Apache-2.0
#include "cli/json.hpp"

#include <utility>

#include "cli/exit.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {

std::string as_text(const config::Value& value) {
    if (value.is_null()) return {};
    if (const auto* text = value.as_string()) return *text;
    if (const auto* stamp = std::get_if<config::Timestamp>(&value.storage())) return stamp->text;
    return config::dump_json(value);
}

std::string text_at(const config::Value& object, std::string_view key) {
    const auto* value = object.find(key);
    return value ? as_text(*value) : std::string{};
}

std::optional<std::int64_t> int_at(const config::Value& object, std::string_view key) {
    const auto* value = object.find(key);
    const auto* number = value ? value->as_int() : nullptr;
    if (!number) return std::nullopt;
    return *number;
}

const config::List& list_at(const config::Value& object, std::string_view key) {
    static const config::List none;
    const auto* value = object.find(key);
    const auto* list = value ? value->as_list() : nullptr;
    return list ? *list : none;
}

void put(config::Map& object, std::string key, config::Value value) { object.set(std::move(key), std::move(value)); }

config::Value parse_answer(std::string_view body, const std::string& what) {
    // A page of 1000 jobs carries their definitions: more than the limit for text from strangers.
    const config::YamlLimits limits{256 * 1024 * 1024, 100, 20'000'000};
    try {
        return config::parse_json(body, limits);
    } catch (const config::YamlError& error) {
        throw UserError{what + ": the answer is not JSON (" + error.what() + "); is this the address of a LAVA API?"};
    }
}

}  // namespace patchbay::cli
