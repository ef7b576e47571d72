// SPDX-License-Identifier: Apache-2.0
#pragma once
// The maps of `results` log records, in LAVA's keys (lava_dispatcher/action.py, lava_common/log.py).

#include <chrono>
#include <string>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay {

/// "7.47": seconds, rounded to two digits.
std::string format_seconds(std::chrono::nanoseconds duration);

/// {"definition", "case", "result"}: what every result has.
config::Map make_result(std::string_view definition, std::string_view name, std::string_view result);

/// What an action reports about itself: suite lava, with namespace, level, duration and `extra` when it has any.
struct ActionReport {
    std::string name;
    std::string level;
    std::string ns;
    std::chrono::nanoseconds duration{};
    bool passed = true;
    config::Map extra;
};
config::Map make_action_result(const ActionReport& report);

/// The last result of a job: lava/job.
config::Map make_job_pass();
config::Map make_job_fail(std::string_view error_type, std::string_view error_msg);

/// Is it one of pass, fail, skip, unknown?
bool is_result_word(std::string_view word);

}  // namespace patchbay
