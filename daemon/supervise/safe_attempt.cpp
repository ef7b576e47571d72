// SPDX-License-Identifier: Apache-2.0
// One attempt of a lease to bring its device to the safe state.
#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "daemon/supervise/lease_run.hpp"

namespace patchbay {

Task<RunnerEnd> LeaseRun::run_make_safe() {
    const std::vector<std::string> arguments{"--make-safe", folder_.string()};
    const bool whole = co_await read_files();
    // One that an earlier daemon started holds the device; two at once would only refuse each other.
    RunnerEnd end;
    if (auto earlier = RunnerProcess::find(io_, arguments)) {
        end = co_await end_of_attempt(*earlier);
        if (end.kind == RunnerEnd::Kind::survived) co_return end;
    }
    std::exception_ptr failure;
    try {
        if (!whole) co_await write_files();
        auto process = co_await launch(RunnerWork::make_safe);
        end = co_await end_of_attempt(process);
        co_return end;
    } catch (const Error&) {
        failure = std::current_exception();
    }
    spdlog::error("safe state: runner did not start device={} error=\"{}\"", lease_.device, describe(failure));
    end.kind = RunnerEnd::Kind::exited;
    end.number = 127;
    co_return end;
}

/// One that takes too long is killed; one that survives that is not waited for.
Task<RunnerEnd> LeaseRun::end_of_attempt(RunnerProcess& attempt) {
    RunnerEnd end;
    bool timed_out = false;
    try {
        const auto limit = times_.safe_limit + power_off_time_;
        end = co_await with_deadline(Deadline::in(limit), "safe state", attempt.wait());
    } catch (const TimedOut&) {
        timed_out = true;
    }
    if (timed_out) {
        attempt.kill_group();
        try {
            end = co_await with_deadline(Deadline::in(times_.kill_patience), "end of killed runner", attempt.wait());
        } catch (const TimedOut&) {
            end.kind = RunnerEnd::Kind::survived;
            end.number = attempt.pid();
        }
    }
    co_return end;
}

}  // namespace patchbay
