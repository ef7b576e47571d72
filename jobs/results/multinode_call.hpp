// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a test of a multinode job says to its group, as text on the console: one line
// <LAVA_MULTI_NODE> <LAVA_NAME params>; and what is typed back. Source: lava_dispatcher/actions/test/multinode.py.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jobs/journal/group_call.hpp"
#include "jobs/results/signals.hpp"

namespace patchbay {

/// Group 1 is the name, group 2 the parameters.
inline constexpr std::string_view multinode_pattern = R"(<LAVA_MULTI_NODE> <LAVA_(\S+) ([^>]+)>)";

/// "SEND", "m1 ip=192.0.2.1 txt=hello you": values may have blanks.
std::variant<GroupCall, SignalError> parse_multinode_call(std::string_view name, std::string_view parameters);

/// "multinode-wait_all-m1"
std::string case_of(const GroupCall& call);

/// A console in its usual mode takes no longer line (4096 bytes in Linux, with the newline), and keeps the rest back.
inline constexpr std::size_t longest_reply_line = 4000;

/// The lines to type, without newlines: <LAVA_WAIT_COMPLETE 101:ip=192.0.2.1 102:ip=192.0.2.2>. What does not fit into
/// one, or could not be taken apart again, comes before it: a line <LAVA_WAIT_ITEM 101:ip=192.0.2.1> for each value.
/// Nothing for a send. Throws: TestError, a single value is too long to be typed.
std::vector<std::string> reply_lines(const GroupCall& call, const std::vector<GroupItem>& items);

}  // namespace patchbay
