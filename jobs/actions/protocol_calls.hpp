// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls to a multinode group that an action of the job makes before it runs (lava_dispatcher/protocols/multinode.py):
//   protocols: {lava-multinode: [{action: execute-qemu, request: lava-sync, messageID: ready}]}

#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/deadline.hpp"
#include "core/task.hpp"
#include "jobs/definition/definition.hpp"

namespace patchbay {

struct JobContext;

/// Adds what is wrong with the calls of the block to `errors`. `actions`: the names of all that it is made of.
void check_protocol_calls(const JobContext& job, const ActionBlock& block, const std::vector<std::string>& actions,
                          std::vector<std::string>& errors);

/// Makes those calls of the block that are for this action, in their order.
/// Throws: Error of type MultinodeTimeout, one had no answer in its time or by `deadline`; JobError, one was refused or
///         none of the values that its `message` asks for came.
Task<> make_protocol_calls(JobContext& job, const ActionBlock& block, std::string action, Deadline deadline);

/// Is there a call of the job that waits for the message `id`?
bool waits_for_message(const JobContext& job, const std::string& id);

/// What the group has said by a message that some call of the job waits for, under the names that this call gives its
/// values: {ipaddr: 10.0.0.7} by `messageID: ipv4, message: {ipaddr: $ipaddr}`. Waits for it, if it has not come.
/// Throws: as make_protocol_calls(); JobError, no call of the job waits for it.
Task<config::Map> message_values(JobContext& job, std::string id, std::string action, Deadline deadline);

}  // namespace patchbay
