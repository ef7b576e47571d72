// SPDX-License-Identifier: Apache-2.0
#pragma once
// A log line for people: time, level, text; results as a sentence.

#include <set>
#include <string>
#include <string_view>

#include "cli/log/record.hpp"
#include "cli/text/paint.hpp"

namespace patchbay::cli {

/// Which levels to show; empty means all.
using Levels = std::set<std::string, std::less<>>;

/// "target,results" as a set. Throws: UserError naming an unknown level and the known ones.
Levels parse_levels(std::string_view list);

/// One or more lines, each with its line end. A text of several lines goes on under its first.
///   08:44:49.102  target   [    0.000000] Linux version 6.1
///   08:44:52.310  results  pass  0_smoke/t2  12.5 MB/s
std::string render(const LogRecord& record, Paint paint);

/// What a results record says, without time and level: "fail  lava/job  Infrastructure: …".
std::string render_result(const config::Value& result, Paint paint);

/// "12.5000000000" is "12.5", "3.0" is "3"; anything that is no plain decimal stays.
std::string short_number(std::string_view number);

}  // namespace patchbay::cli
