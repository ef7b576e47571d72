// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/retry.hpp"

#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

/// The class of an error that another try may mend; nothing for a cancellation, a bug, a configuration error.
/// The time-out of a test counts, as in LAVA 2023.01, unless the job says that it is to be skipped.
std::optional<ErrorType> retryable(std::exception_ptr failure, bool skips_timeout) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        const auto type = error.type();
        const bool mendable = type == ErrorType::infrastructure || type == ErrorType::job || type == ErrorType::test ||
                              (type == ErrorType::lava_timeout && !skips_timeout);
        if (mendable) return type;
    } catch (...) {
    }
    return std::nullopt;
}

std::string exhausted(int failed, int total, const std::string& name) {
    return std::to_string(failed) + " retries out of " + std::to_string(total) + " failed for " + name;
}

}  // namespace

void RetryAction::settled(const JobContext& job) {
    attempts_ = block().repeat ? *block().repeat : job.failure_retry(block());
}

Task<> RetryAction::run(JobContext& job, Deadline deadline) {
    const bool repeat = block().repeat.has_value();
    int failed = 0;
    std::optional<ErrorType> last;
    for (int i = 1; i <= attempts_; ++i) {
        std::exception_ptr failure;
        try {
            co_await attempt(job, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        if (!failure) {
            if (!repeat) co_return;
            continue;
        }
        const auto type = job.stopping() ? std::nullopt : retryable(failure, skips_timeout());
        if (!type) std::rethrow_exception(failure);
        last = type;
        ++failed;
        job.log.error(name() + " failed: " + std::to_string(i) + " of " + std::to_string(attempts_) + " attempts. '" +
                      patchbay::describe(failure) + "'");
        if (i == attempts_) {
            if (!repeat) std::rethrow_exception(failure);
            break;
        }
        const auto pause = block().failure_retry_interval;
        if (deadline.left() <= pause) {
            job.log.info("No time left for remaining " + std::to_string(attempts_ - i) + " retries.");
            break;
        }
        for (const auto& child : children()) co_await child->cleanup(job);
        co_await sleep_for(pause);
        job.log.warning("Retrying: " + level() + " " + name() + " (timeout " + format_hms(deadline.left()) + ")");
    }
    if (failed > 0) raise(*last, exhausted(failed, attempts_, name()));
}

}  // namespace patchbay
