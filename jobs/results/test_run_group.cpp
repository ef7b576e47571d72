// SPDX-License-Identifier: Apache-2.0
// Calls to a multinode group in the run of a test (lava_dispatcher/actions/test/multinode.py).
#include "jobs/results/multinode_call.hpp"
#include "jobs/results/record.hpp"
#include "jobs/results/test_run.hpp"

namespace patchbay {

void TestRun::on_group_call(const Match& match, TestEffects& out) {
    const auto* name = match.group(1);
    const auto* parameters = match.group(2);
    if (!name || !parameters) return;  // the pattern has both
    log(LogLevel::debug, "Received Multi_Node API <LAVA_" + *name + ">", out);
    auto parsed = parse_multinode_call(*name, *parameters);
    if (const auto* error = std::get_if<SignalError>(&parsed)) {
        log(LogLevel::error, error->text, out);
    } else {
        out.push_back(GroupCallEffect{std::move(std::get<GroupCall>(parsed))});
    }
}

TestEffects TestRun::call_answered(const GroupCall& call, bool passed, std::int64_t log_lines) {
    TestEffects out;
    lines_ = log_lines;
    const auto name = case_of(call);
    if (suite_.empty()) {
        log(LogLevel::error, "No test run was started before " + name + ".", out);
    } else {
        report_result(make_result(suite_, name, passed ? "pass" : "fail"), name, out);
    }
    return out;
}

}  // namespace patchbay
