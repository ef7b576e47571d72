// SPDX-License-Identifier: Apache-2.0
#pragma once
// One message, one line of the log: what clients and devices say must not look like lines of ours.

#include <spdlog/formatter.h>

#include <memory>
#include <string>
#include <string_view>

namespace patchbay {

/// Control characters as "\n", "\t", "\x1b": also those of C1, which some terminals obey.
std::string one_line(std::string_view text);

/// spdlog's usual line, its message through one_line(). main() gives it to spdlog::set_formatter, so that no place that
/// logs can forget it.
std::unique_ptr<spdlog::formatter> log_line_formatter();

}  // namespace patchbay
