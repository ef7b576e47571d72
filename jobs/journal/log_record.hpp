// SPDX-License-Identifier: Apache-2.0
#pragma once
// The text of one record of a job's log: {"dt": "2026-01-01T00:00:01.000001", "lvl": "target", "msg": "hello"}.
// One line, readable as JSON and as YAML 1.1; keys in this order. Source: lava_common/log.py. All functions append to
// `out`, so that the caller can reuse one buffer for every line.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/config/value.hpp"
#include "jobs/journal/log_level.hpp"

namespace patchbay {

/// Records of so many characters and more are replaced (LAVA's limit).
inline constexpr std::size_t max_record_characters = 100'000;

/// A text. One that is too long becomes "<line way too long ...>".
void append_log_record(std::string& out, WallTime time, LogLevel level, std::string_view text);
/// A console line of another namespace: level feedback and key "ns".
void append_feedback_record(std::string& out, WallTime time, std::string_view ns, std::string_view text);
/// Any value where a text would stand, as LAVA's runners write lists and maps. One that is too long becomes
/// {"skip": ...}.
void append_value_record(std::string& out, WallTime time, LogLevel level, const config::Value& value);
/// A results map. One that is too long loses its long values, so that the case itself is kept; one that is too long
/// even then becomes {"skip": ...}.
void append_result_record(std::string& out, WallTime time, const config::Map& result);

/// {"state": "running"}
void append_state_record(std::string& out, std::string_view state);
/// {"result": "pass"}
void append_pass_record(std::string& out);
/// {"result": "fail", "error_type": …, "error_msg": …}; a message beyond 24 KiB is cut.
void append_fail_record(std::string& out, std::string_view error_type, std::string_view error_msg);
/// Adds to the outcome at the end of `out` that the device may not be in its safe state: "safe": false.
void mark_unsafe(std::string& out);

}  // namespace patchbay
