// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/run_job.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include "core/task_group.hpp"
#include "jobs/actions/heartbeat.hpp"
#include "jobs/actions/leftover_containers.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

/// "2026-11-22 08:44:48.534812+00:00"
std::string format_start_time(WallTime time) {
    auto text = format_log_time(time);
    text[10] = ' ';
    return text + "+00:00";
}

/// LAVA's CLEANUP_TIMEOUT.
constexpr auto cleanup_time = 300s;
/// For the device's safe state; a switch that hangs must not keep the lease forever.
constexpr auto safe_time = 60s;

JobOutcome outcome_of(std::exception_ptr failure, const JobContext& job) {
    if (!failure) return {};
    try {
        std::rethrow_exception(failure);
    } catch (const JobCanceled&) {
        return {ErrorType::canceled, job.cancellation.reason()};  // a second request may have changed it
    } catch (const Error& error) {
        return {error.type(), error.what()};
    } catch (...) {
        return {ErrorType::bug, describe(failure)};
    }
}

/// The sentence for people at the end of the log.
std::string_view help_for(std::exception_ptr failure, ErrorType type) {
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const ConnectionClosedError&) {
        return "ConnectionClosedError: the console of the device ended: the machine stopped by itself, or its line was "
               "cut. The job may pass when it is run again; the lab's owner should look at the log above.";
    } catch (...) {  // the class has said it all
    }
    return help_text(type);
}

/// Runs `work` so that the job's cancellation reaches it, and nothing else does.
Task<> cancellable(JobContext& job, Task<> work) {
    if (job.cancellation.requested()) throw JobCanceled{job.cancellation.reason()};
    auto executor = co_await asio::this_coro::executor;
    auto token = asio::bind_cancellation_slot(job.cancellation.slot(), asio::use_awaitable);
    co_await asio::co_spawn(executor, std::move(work), token);
}

Task<> validate(Pipeline& pipeline, JobContext& job) {
    const auto start = Clock::now();
    std::exception_ptr failure;
    try {
        co_await pipeline.validate(job);
    } catch (...) {
        failure = std::current_exception();
    }
    job.log.info("validate duration: " + format_seconds(Clock::now() - start));
    job.log.results(make_result("lava", "validate", failure ? "fail" : "pass"));
    if (failure) std::rethrow_exception(failure);
}

Task<> run_pipeline(Pipeline& pipeline, JobContext& job, JobExtent extent, bool& validated) {
    co_await validate(pipeline, job);
    if (extent == JobExtent::validate) co_return;
    validated = true;
    co_await join_group(job);
    co_await pipeline.run(job, Deadline::in(job.definition.timeouts.job));
}

/// Of a runner that was killed: they may hold the board.
Task<> remove_leftovers(JobContext& job) {
    try {
        co_await remove_leftover_containers(job.settings.state_dir, job.description.name);
    } catch (const std::exception& error) {
        job.log.warning(error.what());
    }
}

/// The clean-ups have a common end, the machine is switched off whatever they did with it.
Task<> clean_up(Pipeline& pipeline, JobContext& job, bool finalize) {
    std::exception_ptr failure;
    try {
        co_await with_deadline(Deadline::in(cleanup_time), "cleanup", pipeline.cleanup(job));
    } catch (const TimedOut&) {
        const InfrastructureError late{"cleanup timed out after " + std::to_string(cleanup_time / 1s) + " seconds"};
        job.log.error(late.what());
        failure = std::make_exception_ptr(late);
    } catch (...) {
        failure = std::current_exception();
    }
    if (finalize) co_await pipeline.finalize(job);
    if (failure) std::rethrow_exception(failure);
}

Task<> run_and_clean_up(JobContext& job, JobExtent extent, std::function<void(const config::Value&)> described) {
    Pipeline pipeline{job};
    if (described) described(pipeline.describe());
    job.log.info("start: 0 validate");
    job.log.info("Start time: " + format_start_time(wall_now()) + " (UTC)");
    bool validated = false;
    co_await remove_leftovers(job);
    std::exception_ptr failure;
    try {
        co_await cancellable(job, run_pipeline(pipeline, job, extent, validated));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && job.stopping()) failure = std::make_exception_ptr(JobCanceled{job.cancellation.reason()});
    job.cleaning_up = true;
    job.log.farewell();
    if (!failure && validated) co_await pipeline.finish(job);
    std::exception_ptr cleanup_failure;
    try {
        co_await clean_up(pipeline, job, validated);
    } catch (...) {
        cleanup_failure = std::current_exception();
    }
    if (failure) std::rethrow_exception(failure);
    if (cleanup_failure) std::rethrow_exception(cleanup_failure);
}

Task<> remove_directory(JobContext& job) {
    auto work = [settings = job.settings, directory = job.directory](const StopFlag&) {
        return remove_job_folders(settings, directory);
    };
    const auto problems = co_await interruptible(job.workers, std::move(work));
    for (const auto& problem : problems) job.log.warning(problem);
    if (problems.empty()) job.log.info("Root tmp directory removed at " + job.directory.string());
}

}  // namespace

config::Map JobOutcome::record() const {
    return passed() ? make_job_pass() : make_job_fail(to_string(*error), error_msg);
}

Task<JobOutcome> run_job(JobContext& job, JobExtent extent, std::function<void(const config::Value&)> described) {
    job.log.limit(job.settings.log_limit);
    job.log.info("lava-dispatcher, installed at version: " + job.settings.version);
    TaskGroup background{co_await asio::this_coro::executor};
    background.spawn("heartbeat", beat(job.log));
    std::exception_ptr failure;
    try {
        co_await run_and_clean_up(job, extent, std::move(described));
    } catch (...) {
        failure = std::current_exception();
    }
    // Whatever the actions did: the device ends in its safe state, or the lab's owner reads why not.
    bool safe = !job.power_off_failed;
    try {
        co_await with_deadline(Deadline::in(safe_time), "safe state of " + job.device.name(), job.device.make_safe());
    } catch (...) {
        const auto text = "the device could not be brought to its safe state: " + describe(std::current_exception());
        job.log.error(text);
        safe = false;
        if (!failure) failure = std::make_exception_ptr(InfrastructureError{text});
    }
    background.cancel();
    co_await background.join();
    co_await remove_directory(job);
    auto outcome = outcome_of(failure, job);
    outcome.device_is_safe = safe;
    outcome.error_msg = std::string{job.log.masked(outcome.error_msg)};  // it also leaves by other ways than the log
    if (outcome.passed()) {
        job.log.info("Job finished correctly");
    } else if (outcome.error == ErrorType::canceled) {
        job.log.error("JobCanceled: " + outcome.error_msg);
    } else {
        job.log.error(help_for(failure, *outcome.error));
    }
    job.log.results(outcome.record());
    job.log.flush();
    co_return outcome;
}

}  // namespace patchbay
