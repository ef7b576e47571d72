// SPDX-License-Identifier: Apache-2.0
#pragma once
// One line of a job's log as LAVA writes it: {"dt": …, "lvl": …, "msg": …}, perhaps with "ns".

#include <optional>
#include <string>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay::cli {

struct LogRecord {
    std::string time;    ///< "2026-01-01T00:00:00.000001", UTC
    std::string level;   ///< debug info warning error exception input target feedback results
    config::Value text;  ///< string, list of strings, or a map (results)
    std::string space;   ///< of feedback: the namespace it came from
    std::string stored;  ///< the record as it was stored, without "- "
};

/// Reads a stored line, with or without "- " before it: JSON, or the YAML that older LAVA workers write.
/// nullopt when it is no record.
std::optional<LogRecord> parse_record(std::string_view line);

/// `{"line": 12, …the record}` as compact JSON; `line` below 0 is left out.
std::string record_json(const LogRecord& record, long long line);

}  // namespace patchbay::cli
