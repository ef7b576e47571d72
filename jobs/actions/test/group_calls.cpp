// SPDX-License-Identifier: Apache-2.0
// A test of a multinode job speaks to the others (lava_dispatcher/actions/test/multinode.py).
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/test/test.hpp"
#include "jobs/results/multinode_call.hpp"

namespace patchbay {

/// LAVA reads nothing while it waits; a kernel that prints much then stands still, and so does its log.
Task<std::optional<GroupAnswer>> ask_group(JobContext& job, ConsoleSession& console, GroupCall call,
                                           Deadline deadline) {
    const auto executor = co_await asio::this_coro::executor;
    auto race = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, job.group->ask(std::move(call), deadline), asio::deferred),
        asio::co_spawn(executor, console.keep_reading(), asio::deferred));
    auto done = co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    auto& failure = std::get<1>(done);
    auto& console_failure = std::get<3>(done);
    // The console's end, unless the call was first; reading stops in no other way.
    if (std::get<0>(done)[0] == 1 && console_failure) std::rethrow_exception(console_failure);
    if (failure) std::rethrow_exception(failure);
    co_return std::move(std::get<2>(done));
}

Task<GroupCallOutcome> make_group_call(JobContext& job, ConsoleSession& console, GroupCall call, Deadline deadline) {
    const auto limit = job.definition.multinode->timeout;
    job.log.debug("Setting poll timeout of " + std::to_string(limit.count()) + " seconds");
    auto question = call;  // named before the co_await (docs/maintainers/coroutines.md)
    const auto answer = co_await ask_group(job, console, std::move(question), deadline.at_most(limit));
    GroupCallOutcome outcome;
    if (!answer) {
        if (deadline.passed()) co_return outcome;  // the test's own time: it says so itself
        job.log.warning(case_of(call) + ": no answer within " + std::to_string(limit.count()) +
                        " s (timeout of protocols.lava-multinode)");
        co_return outcome;
    }
    if (!answer->refused.empty()) {
        outcome.refused = answer->refused;
        co_return outcome;
    }
    std::vector<std::string> lines;
    try {
        lines = reply_lines(call, answer->items);
    } catch (const TestError& error) {
        outcome.refused = error.what();
        co_return outcome;
    }
    for (auto& line : lines) co_await console.send_line(std::move(line));
    outcome.passed = true;
    co_return outcome;
}

}  // namespace patchbay
