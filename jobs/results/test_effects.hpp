// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the state machines of tests ask the action to do, in this order.

#include <string>
#include <variant>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/journal/group_call.hpp"
#include "jobs/journal/log_level.hpp"

namespace patchbay {

/// A results record.
struct ResultEffect {
    config::Map map;
};
/// The run cannot go on: raise TestError with this text.
struct RaiseEffect {
    std::string text;
};
/// Listen to that namespace now.
struct FeedbackEffect {
    std::string ns;
};
/// Ask the multinode group, type the reply, then tell the run by call_answered().
struct GroupCallEffect {
    GroupCall call;
};
/// The runner on the target has ended, or the end string of a monitor came.
struct EndEffect {};
using TestEffect = std::variant<LogLine, ResultEffect, RaiseEffect, FeedbackEffect, GroupCallEffect, EndEffect>;
using TestEffects = std::vector<TestEffect>;

/// Puts it into a case's result when the daemon can store it; a case without is better than none.
void set_measurement(config::Map& result, config::Value measurement, TestEffects& out);

}  // namespace patchbay
