// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/pdu_state.hpp"

#include <algorithm>
#include <charconv>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "drivers/net/regex.hpp"

namespace patchbay {
namespace {

using config::Value;

/// An answer, and the secrets that no message about it may show.
struct Answer {
    const std::string& text;
    std::vector<std::string> secrets;

    std::string shown(const std::string& part) const { return "'" + for_message(part, secrets) + "'"; }

    [[noreturn]] void throw_unclear(const std::string& lacks) const {
        throw InfrastructureError{lacks + " in " + shown(text) + "; is it this model?"};
    }
};

std::string text_of(const Value& value) {
    if (const auto* flag = value.as_bool()) return *flag ? "true" : "false";
    return config::python_str(value);
}

/// The entry of a list whose member `key` has that text: "[port=3]".
const Value* entry_with(const Value& list, std::string_view condition) {
    const auto equal = condition.find('=');
    if (list.as_list() == nullptr || equal == std::string_view::npos) return nullptr;
    for (const auto& each : *list.as_list()) {
        const auto* member = each.find(condition.substr(0, equal));
        if (member != nullptr && text_of(*member) == condition.substr(equal + 1)) return &each;
    }
    return nullptr;
}

const Value* step_into(const Value& value, std::string_view step) {
    if (step.starts_with('[') && step.ends_with(']')) return entry_with(value, step.substr(1, step.size() - 2));
    const auto* list = value.as_list();
    if (list == nullptr) return value.find(step);
    const auto index = whole_number(step);
    return index && *index >= 0 && *index < std::ssize(*list) ? &(*list)[static_cast<std::size_t>(*index)] : nullptr;
}

std::string json_text(const Answer& answer, std::string_view path) {
    Value whole;
    try {
        whole = config::parse_json(answer.text);
    } catch (const config::YamlError& error) {
        answer.throw_unclear("no JSON (" + for_message(error.what(), answer.secrets) + ")");
    }
    const auto* value = &whole;
    for (auto rest = path; value != nullptr && !rest.empty();) {
        const auto dot = rest.find('.');
        value = step_into(*value, rest.substr(0, dot));
        rest = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
    }
    if (value == nullptr) answer.throw_unclear("there is no " + std::string{path});
    return text_of(*value);
}

std::string trimmed(std::string text) {
    while (!text.empty() && std::string_view{" \t\r\n\""}.find(text.back()) != std::string_view::npos) text.pop_back();
    text.erase(0, text.find_first_not_of(" \t\r\n\""));
    return text;
}

std::string bit_text(const Answer& answer, const std::string& text, int base, std::string_view bit) {
    std::uint64_t number = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number, base);
    const auto place = whole_number(bit).value_or(64);
    if (read.ec != std::errc{} || read.ptr != end || place < 0 || place > 63)
        answer.throw_unclear("no number " + answer.shown(text));
    return (number >> place & 1) != 0 ? "1" : "0";
}

}  // namespace

OutletState read_outlet_state(const std::string& text, const PduState& how, const PduVariables& variables) {
    const Answer answer{text, {variables.password}};
    const auto expanded = [&](const std::string& from) { return expand(from, variables, PduSecrets::plain); };
    std::string said = text;
    if (!how.json.empty()) said = json_text(answer, expanded(how.json));
    if (!how.regex.empty()) {
        const auto expression = expanded(how.regex);
        const auto found = search_regex(expression, text);
        if (!found) answer.throw_unclear("nothing matches " + answer.shown(expression));
        said = found->text;
    }
    said = trimmed(std::move(said));
    if (!how.bit.empty()) said = bit_text(answer, said, how.base, expanded(how.bit));
    const auto among = [&](const std::vector<std::string>& words) {
        return std::ranges::find(words, said) != words.end();
    };
    const auto any = [](const std::vector<std::string>& words) { return std::ranges::find(words, "*") != words.end(); };
    if (among(how.is_on)) return OutletState::on;
    if (among(how.is_off)) return OutletState::off;
    if (among(how.is_pending)) return OutletState::pending;
    if (any(how.is_on)) return OutletState::on;
    if (any(how.is_off)) return OutletState::off;
    answer.throw_unclear(answer.shown(said) + " is neither on nor off,");
}

}  // namespace patchbay
