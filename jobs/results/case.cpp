// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/case.hpp"

#include <algorithm>
#include <charconv>

#include "core/config/python_text.hpp"
#include "core/config/yaml.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

constexpr std::size_t max_digits = 30;
constexpr int digits_after_point = 10;
constexpr std::size_t max_error_msg = 256;

std::optional<std::int64_t> line_number(const config::Map& message, std::string_view key) {
    const auto* value = message.find(key);
    if (!value) return std::nullopt;
    if (const auto* number = value->as_int()) return *number;
    if (const auto* text = value->as_string()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (error == std::errc{} && end == text->data() + text->size()) return number;
    }
    return std::nullopt;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string first_characters(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && count-- == 0) break;
    }
    return std::string{text.substr(0, at)};
}

config::Map short_metadata(const config::Map& message) {
    config::Map kept;
    for (const auto* key : {"case", "definition", "result", "error_type"}) {
        if (const auto* value = message.find(key)) kept.set(key, *value);
    }
    if (const auto* text = message.find("error_msg")) {
        kept.set("error_msg", first_characters(config::python_str(*text), max_error_msg));
    }
    return kept;
}

}  // namespace

std::string clean_case_name(std::string_view name) {
    std::string clean;
    for (const char c : config::python_strip(name)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 32 || byte == 127) {
            clean += "_ctrl-char_";
        } else {
            clean += c;
        }
    }
    return clean;
}

std::optional<std::string> to_decimal(std::string_view text) {
    const auto number = config::python_strip(text);
    std::size_t at = 0;
    const bool negative = !number.empty() && number[0] == '-';
    if (!number.empty() && (number[0] == '-' || number[0] == '+')) ++at;
    std::string digits;
    long exponent = 0;  // of ten, behind the last digit
    bool point = false, any = false;
    for (; at < number.size(); ++at) {
        const char c = number[at];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9') {
            any = true;
            if (digits.size() > 2 * max_digits) return std::nullopt;
            if (c != '0' || !digits.empty()) digits += c;
            if (point) --exponent;
        } else {
            break;
        }
    }
    if (!any) return std::nullopt;
    if (at < number.size()) {
        if (number[at] != 'e' && number[at] != 'E') return std::nullopt;
        auto tail = std::string_view{number}.substr(at + 1);
        if (!tail.empty() && tail[0] == '+') tail.remove_prefix(1);
        long power = 0;
        const auto [end, error] = std::from_chars(tail.data(), tail.data() + tail.size(), power);
        if (tail.empty() || error != std::errc{} || end != tail.data() + tail.size()) return std::nullopt;
        if (power > 1000 || power < -1000) return std::nullopt;
        exponent += power;
    }

    // digits * 10^exponent, to be written with exactly ten digits after the point.
    const long shift = exponent + digits_after_point;
    if (shift >= 0) {
        if (!digits.empty() && digits.size() + static_cast<std::size_t>(shift) > max_digits) return std::nullopt;
        digits.append(digits.empty() ? 0 : static_cast<std::size_t>(shift), '0');
    } else {
        const auto drop = static_cast<std::size_t>(-shift);
        const auto keep = digits.size() > drop ? digits.size() - drop : 0;
        std::string dropped =
            digits.size() < drop ? std::string(drop - digits.size(), '0') + digits : digits.substr(keep);
        digits.resize(keep);
        const bool odd = !digits.empty() && (digits.back() - '0') % 2 == 1;
        const bool beyond_half =
            dropped[0] > '5' || (dropped[0] == '5' && dropped.find_first_not_of('0', 1) != dropped.npos);
        if (beyond_half || (dropped[0] == '5' && odd)) {
            std::size_t i = digits.size();
            while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
            if (i > 0) {
                ++digits[i - 1];
            } else {
                digits.insert(0, "1");
            }
        }
    }
    if (digits.size() > max_digits) return std::nullopt;
    if (digits.size() <= static_cast<std::size_t>(digits_after_point)) {
        digits.insert(0, digits_after_point + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - digits_after_point, ".");
    const bool zero = digits.find_first_not_of("0.") == digits.npos;
    return (negative && !zero ? "-" : "") + digits;
}

CaseReading read_case(const config::Value& message, JobId job) {
    CaseReading reading;
    const auto* map = message.as_map();
    if (!map || !map->contains("definition") || !map->contains("case") || !map->contains("result")) {
        reading.comment = "Missing some keys (\"definition\", \"case\" or \"result\") in " +
                          first_characters(config::python_repr(message), 1000);
        return reading;
    }
    ReportedCase found;
    found.suite = config::text_or_empty(map->find("definition"));
    found.name = clean_case_name(config::text_or_empty(map->find("case")));
    found.result = config::text_or_empty(map->find("result"));
    if (!is_result_word(found.result) || found.suite.empty() || found.name.empty()) return reading;
    // A suite name is part of URLs.
    std::replace(found.suite.begin(), found.suite.end(), '/', '_');
    if (map->contains("set")) found.set = config::text_or_empty(map->find("set"));

    const bool lava = found.suite == "lava";
    const auto measurement = config::text_or_empty(map->find(lava ? "duration" : "measurement"));
    // LAVA 2023.01's runner writes the word null for a group that took no part.
    if (!measurement.empty() && measurement != "null") {
        found.measurement = to_decimal(measurement);
        if (found.measurement) found.units = lava ? "seconds" : config::text_or_empty(map->find("units"));
    }

    auto stored = *map;
    if (!lava) {
        found.start_log_line = line_number(*map, "starttc");
        found.end_log_line = line_number(*map, "endtc");
    }
    stored.erase("starttc");
    stored.erase("endtc");
    if (const auto* extra = map->find("extra"); extra) {
        if (!config::text_or_empty(map->find("level")).empty()) found.extra = config::dump_json(*extra);
        stored.erase("extra");
    }
    found.metadata = config::dump_yaml(stored, config::KeyOrder::sorted);
    if (characters(found.metadata) > max_case_metadata) {
        found.metadata = config::dump_yaml(short_metadata(stored), config::KeyOrder::sorted);
        reading.comment = "[" + std::to_string(job.value) + "] Result metadata is too long. " + found.suite + "/" +
                          first_characters(found.name, 100);
    }
    reading.test_case = std::move(found);
    return reading;
}

}  // namespace patchbay
