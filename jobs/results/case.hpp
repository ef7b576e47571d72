// SPDX-License-Identifier: Apache-2.0
#pragma once
// From the message of a `results` log record to the test case that is stored.
// Source: lava_results_app/dbutils.py; the limits are LAVA's.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/value.hpp"
#include "core/ids.hpp"

namespace patchbay {

struct ReportedCase {
    std::string suite;
    std::optional<std::string> set;
    std::string name;
    std::string result;                      ///< pass, fail, skip or unknown
    std::optional<std::string> measurement;  ///< decimal text with 10 digits after the point: "12.5000000000"
    std::string units;
    std::string metadata;  ///< YAML of the message
    std::string extra;     ///< JSON of `extra`, "" when none, or when it came without `level`
    std::optional<std::int64_t> start_log_line, end_log_line;  ///< not for suite lava
};

struct CaseReading {
    std::optional<ReportedCase> test_case;
    std::string comment;  ///< for the job's failure_comment; "" when there is nothing to say
};

/// Longer metadata is cut to the keys that clients need. Characters of YAML.
inline constexpr std::size_t max_case_metadata = 4096;

/// Never throws for any message: what makes no case says why in `comment`, or nothing where LAVA says nothing.
CaseReading read_case(const config::Value& message, JobId job);

/// Each control character becomes "_ctrl-char_"; stripped.
std::string clean_case_name(std::string_view name);
/// At most 30 digits, rounded to 10 after the point (half to even, as Python's decimal); nullopt: not a number.
std::optional<std::string> to_decimal(std::string_view text);

}  // namespace patchbay
