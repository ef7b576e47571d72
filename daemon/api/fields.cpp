// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/fields.hpp"

#include <algorithm>

#include "core/config/duration.hpp"
#include "core/config/yaml.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/multipart.hpp"
#include "daemon/http/target.hpp"

namespace patchbay {
namespace {

// Deep enough for every real body; a definition is one string in it.
constexpr config::YamlLimits json_limits{16 * 1024 * 1024, 64, 100'000};

std::string media_type(std::string_view content_type) {
    std::string out{content_type.substr(0, content_type.find(';'))};
    while (out.ends_with(' ')) out.pop_back();
    return lower_case(out);
}

std::string_view python_type(const config::Value& value) {
    if (value.is_list()) return "list";
    if (value.is_string()) return "str";
    if (value.is_int()) return "int";
    if (value.is_double()) return "float";
    if (value.is_bool()) return "bool";
    return "NoneType";
}

config::Map read_json(const std::string& body) {
    if (body.empty()) return {};
    if (!is_utf8(body)) throw api_error(400, "detail", "JSON parse error - the body is not UTF-8");
    std::optional<config::Value> value;
    try {
        value = config::parse_json(body, json_limits);
    } catch (const config::YamlError& error) {
        throw api_error(400, "detail", std::string{"JSON parse error - "} + error.what());
    }
    if (auto* map = value->as_map()) return std::move(*map);
    const auto text = "Invalid data. Expected a dictionary, but got " + std::string{python_type(*value)} + ".";
    throw field_error("non_field_errors", text);
}

config::Map read_pairs(std::vector<std::pair<std::string, std::string>> pairs) {
    config::Map map;
    for (auto& [name, value] : pairs) {
        if (!is_utf8(name) || !is_utf8(value)) throw api_error(400, "detail", "The form is not UTF-8.");
        map.set(std::move(name), config::Value{std::move(value)});
    }
    return map;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

Fields::Fields(const Request& request) {
    const auto* header = request.header("content-type");
    const std::string content_type = header ? *header : "";
    const auto type = media_type(content_type);
    if (type == "application/json") {
        values_ = read_json(request.body);
    } else if (type == "application/x-www-form-urlencoded") {
        values_ = read_pairs(parse_form(request.body));
    } else if (type == "multipart/form-data") {
        const auto boundary = multipart_boundary(content_type);
        if (!boundary)
            throw api_error(400, "detail", "Multipart form parse error - Invalid boundary in multipart: None");
        auto parts = parse_multipart(request.body, *boundary);
        if (!parts) throw api_error(400, "detail", "Multipart form parse error - the body is not well-formed");
        values_ = read_pairs(std::move(*parts));
    } else if (!request.body.empty()) {
        throw api_error(415, "detail", "Unsupported media type \"" + content_type + "\" in request.");
    }
}

std::optional<std::string> Fields::text(std::string_view name) const {
    const auto* value = values_.find(name);
    if (!value || value->is_null()) return std::nullopt;
    if (const auto* text = value->as_string()) return *text;
    if (value->is_int() || value->is_double()) return config::python_str(*value);
    throw field_error(name, "Not a valid string.");
}

std::string Fields::required_text(std::string_view name) const {
    const auto* value = values_.find(name);
    if (!value) throw field_error(name, "This field is required.");
    if (value->is_null()) throw field_error(name, "This field may not be null.");
    auto trimmed = std::string{trim(*text(name))};
    if (trimmed.empty()) throw field_error(name, "This field may not be blank.");
    if (trimmed.find('\0') != std::string::npos) throw field_error(name, "Null characters are not allowed.");
    return trimmed;
}

bool Fields::flag(std::string_view name) const {
    const auto* value = values_.find(name);
    if (!value || value->is_null()) return false;
    if (const auto* flag = value->as_bool()) return *flag;
    const auto word = config::python_str(*value);
    for (const std::string_view no : {"false", "False", "0", "no", "off", ""}) {
        if (word == no) return false;
    }
    return true;
}

std::optional<bool> Fields::maybe_flag(std::string_view name) const {
    const auto* value = values_.find(name);
    if (!value || value->is_null()) return std::nullopt;
    return flag(name);
}

std::optional<std::int64_t> Fields::number(std::string_view name) const {
    const auto* value = values_.find(name);
    if (!value || value->is_null()) return std::nullopt;
    if (const auto* number = value->as_int()) return *number;
    const auto* text = value->as_string();
    const auto number = text ? whole_number(*text) : std::nullopt;
    if (!number) throw field_error(name, "A valid integer is required.");
    return number;
}

std::optional<std::chrono::seconds> Fields::duration(std::string_view name) const {
    const auto words = text(name);
    if (!words) return std::nullopt;
    const auto time = config::parse_duration(*words);
    if (!time) throw field_error(name, "write a time like 90m or 2h");
    return std::chrono::duration_cast<std::chrono::seconds>(*time);
}

std::string Fields::short_text(std::string_view name, std::size_t most) const {
    auto text = required_text(name);
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
    const auto length = text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
    if (length > most)
        throw field_error(name, "Ensure this field has no more than " + std::to_string(most) + " characters.");
    return text;
}

}  // namespace patchbay
