// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/log_record.hpp"

#include <algorithm>
#include <cstdio>

#include "core/config/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

constexpr std::string_view too_long = "<line way too long ...>";
constexpr std::string_view too_long_map = R"({"skip": "line way too long ..."})";
// A value of a results map that is still kept when the map as a whole is too long; bytes of dumped text.
constexpr std::size_t long_value = 4096;
// An outcome must fit into what the journal keeps for it (JournalWriter::outcome_reserve), escapes included.
constexpr std::size_t max_error_message = 24 * 1024;

void append_head(std::string& out, WallTime time, LogLevel level) {
    out += R"({"dt": ")";
    out += format_log_time(time);
    out += R"(", "lvl": ")";
    out += to_string(level);
    out += R"(", "msg": )";
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Bytes are an upper bound of characters, so that almost no line needs to be counted.
bool is_too_long(std::string_view record) {
    return record.size() >= max_record_characters && characters(record) >= max_record_characters;
}

bool is_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; }

/// What stands behind `start` is ASCII then, as LAVA writes it: lavacli takes a log for Latin-1, and its parser ends at
/// some of those bytes. Beyond 16 bits JSON and YAML have no escape in common; those characters stay.
void escape_characters(std::string& out, std::size_t start) {
    const auto first = std::find_if_not(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_ascii);
    if (first == out.end()) return;
    const auto text = out.substr(static_cast<std::size_t>(first - out.begin()));
    out.erase(first, out.end());
    for (std::size_t at = 0; at < text.size();) {
        const auto point = config::decode_utf8(text, at);
        if (point.value < 0x80 || point.value > 0xFFFF) {
            out.append(text, at, point.length);
        } else {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(point.value));
            out += escape;
        }
        at += point.length;
    }
}

config::Map without_long_values(const config::Map& map) {
    config::Map kept;
    for (const auto& [key, value] : map) {
        const auto* name = key.as_string();
        if (!name) continue;
        const bool keep = config::dump_flow(value).size() <= long_value;
        kept.set(*name, keep ? value : config::Value{too_long});
    }
    return kept;
}

}  // namespace

void append_log_record(std::string& out, WallTime time, LogLevel level, std::string_view text) {
    const auto start = out.size();
    append_head(out, time, level);
    const auto body = out.size();
    config::append_flow_string(out, text);
    escape_characters(out, body);
    if (is_too_long(std::string_view{out}.substr(start))) {
        out.resize(body);
        config::append_flow_string(out, too_long);
    }
    out += '}';
}

void append_feedback_record(std::string& out, WallTime time, std::string_view ns, std::string_view text) {
    append_log_record(out, time, LogLevel::feedback, text);
    out.pop_back();
    out += R"(, "ns": )";
    const auto name = out.size();
    config::append_flow_string(out, ns);
    escape_characters(out, name);
    out += '}';
}

void append_value_record(std::string& out, WallTime time, LogLevel level, const config::Value& value) {
    const auto start = out.size();
    append_head(out, time, level);
    const auto body = out.size();
    out += config::dump_flow(value);
    escape_characters(out, body);
    if (is_too_long(std::string_view{out}.substr(start))) {
        out.resize(body);
        out += too_long_map;
    }
    out += '}';
}

void append_result_record(std::string& out, WallTime time, const config::Map& result) {
    const auto start = out.size();
    append_head(out, time, LogLevel::results);
    const auto body = out.size();
    out += config::dump_flow(result);
    escape_characters(out, body);
    if (is_too_long(std::string_view{out}.substr(start))) {
        out.resize(body);
        out += config::dump_flow(without_long_values(result));
        escape_characters(out, body);
    }
    if (is_too_long(std::string_view{out}.substr(start))) {
        out.resize(body);
        out += too_long_map;
    }
    out += '}';
}

void append_state_record(std::string& out, std::string_view state) {
    out += R"({"state": )";
    config::append_flow_string(out, state);
    out += '}';
}

void append_pass_record(std::string& out) { out += R"({"result": "pass"})"; }

void append_fail_record(std::string& out, std::string_view error_type, std::string_view error_msg) {
    out += R"({"result": "fail", "error_type": )";
    config::append_flow_string(out, error_type);
    out += R"(, "error_msg": )";
    const auto message = out.size();
    config::append_flow_string(out, config::first_bytes(error_msg, max_error_message));
    if (out.size() - message > max_error_message + 4096) {
        out.resize(message);
        config::append_flow_string(out, config::first_bytes(error_msg, max_error_message / 8));
    }
    out += '}';
}

void mark_unsafe(std::string& out) { out.replace(out.size() - 1, 1, R"(, "safe": false})"); }

}  // namespace patchbay
