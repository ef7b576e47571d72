// SPDX-License-Identifier: Apache-2.0
#pragma once
// The levels of a job's log. The list is closed: clients index tables by it and fail on any other word.

#include <string>
#include <string_view>

namespace patchbay {

enum class LogLevel { debug, info, warning, error, exception, input, target, feedback, event, results };

constexpr std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
        case LogLevel::exception:
            return "exception";
        case LogLevel::input:
            return "input";
        case LogLevel::target:
            return "target";
        case LogLevel::feedback:
            return "feedback";
        case LogLevel::event:
            return "event";
        case LogLevel::results:
            return "results";
    }
    return "debug";
}

/// A line that pure code wants in the log.
struct LogLine {
    LogLevel level = LogLevel::debug;
    std::string text;
    bool operator==(const LogLine&) const = default;
};

}  // namespace patchbay
