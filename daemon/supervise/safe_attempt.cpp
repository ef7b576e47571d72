// SPDX-License-Identifier: Apache-2.0
// One attempt of a lease to bring its device to the safe state.
#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/log_lines.hpp"
#include "core/whole_file.hpp"
#include "daemon/supervise/lease_run.hpp"

namespace patchbay {
namespace {

// The runner writes less.
constexpr std::size_t longest_error = 8192;

std::string read_error(const std::filesystem::path& file) {
    std::error_code ignored;
    // Whatever a job may have put there instead is not waited for.
    if (std::filesystem::symlink_status(file, ignored).type() != std::filesystem::file_type::regular) return {};
    try {
        return one_line(read_whole_file(file, longest_error));
    } catch (const InfrastructureError&) {
        return {};
    }
}

}  // namespace

Task<LeaseRun::SafeAttempt> LeaseRun::run_make_safe() {
    const std::vector<std::string> arguments{"--make-safe", folder_.string()};
    const bool whole = co_await read_files();
    // One that an earlier daemon started holds the device; two at once would only refuse each other.
    SafeAttempt attempt;
    if (auto earlier = RunnerProcess::find(io_, arguments)) {
        attempt.end = co_await end_of_attempt(*earlier);
        if (attempt.end.kind == RunnerEnd::Kind::survived) co_return attempt;
    }
    const auto error_file = folder_ / "unsafe";
    std::error_code ignored;
    std::filesystem::remove(error_file, ignored);  // of an earlier attempt
    std::exception_ptr failure;
    try {
        if (!whole) co_await write_files();
        auto process = co_await launch(RunnerWork::make_safe);
        attempt.end = co_await end_of_attempt(process);
    } catch (const Error&) {
        failure = std::current_exception();
    }
    if (failure) {
        attempt.error = describe(failure);
        attempt.end.kind = RunnerEnd::Kind::exited;
        attempt.end.number = 127;
    } else if (!attempt.end.clean()) {
        attempt.error = read_error(error_file);
    }
    co_return attempt;
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
