// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every kind of action block, once. A new deploy or boot method is a line in the table of deploy/methods.cpp or
// boot/methods.cpp.

#include "jobs/actions/action.hpp"

namespace patchbay {

/// Throws: JobError when no method accepts the block.
ActionPtr build_deploy(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot(const ActionBlock& block, const JobContext& job);
ActionPtr build_test(const ActionBlock& block, const JobContext& job);
ActionPtr build_command(const ActionBlock& block, const JobContext& job);
ActionPtr build_smoke_check();
ActionPtr build_finalize();

/// "None of the Base-<kind> strategies accepted your deployment parameters, reasons given:\n<reasons>".
[[noreturn]] void throw_no_strategy(std::string_view kind, const std::vector<std::string>& reasons);

}  // namespace patchbay
