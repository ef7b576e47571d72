// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/action.hpp"

#include "jobs/actions/class_names.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/protocol_calls.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

bool is_top_level(const std::string& level) { return level.find('.') == std::string::npos; }

/// The text of the time-out of a test action.
std::optional<std::string> test_timeout(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const LavaTimeoutError& error) {
        return error.what();
    } catch (...) {  // anything else
    }
    return std::nullopt;
}

Task<> nothing() { co_return; }

/// Nothing can cancel what an action does after its time-out, so it has an end of its own.
constexpr auto after_timeout = 60s;

Task<> limited(Task<> work, std::string what) {
    co_await with_deadline(Deadline::in(after_timeout), std::move(what), std::move(work));
}

}  // namespace

Task<> Action::validate(JobContext& job, std::vector<std::string>& errors) {
    for (const auto& child : children_) {
        try {
            co_await child->validate(job, errors);
        } catch (const JobError& error) {
            errors.push_back(child->level() + " " + child->name() + ": " + error.what());
        }
    }
}

Task<> Action::run(JobContext& job, Deadline deadline) {
    for (const auto& child : children_) co_await child->execute(job, deadline);
}

Task<> Action::cleanup(JobContext& job) {
    for (const auto& child : children_) co_await child->cleanup(job);
}

void Action::throw_timeout(Clock::duration elapsed) const {
    const auto seconds = std::chrono::round<std::chrono::seconds>(elapsed).count();
    raise(timeout_type(), name_ + " timed out after " + std::to_string(seconds) + " seconds");
}

Task<> Action::run_within(JobContext& job, Deadline deadline) {
    if (!owns_timer()) {
        co_await run(job, deadline);
        co_return;
    }
    const auto start = Clock::now();
    bool is_over = false;
    try {
        // A wait on the console ends exactly at the deadline with its own text; this guard is for all else.
        constexpr auto grace = 20ms;
        co_await with_deadline(Deadline{deadline.at() + grace}, name_, run(job, deadline));
    } catch (const TimedOut&) {
        is_over = true;
    }
    if (!is_over) co_return;
    const auto elapsed = Clock::now() - start;
    try {
        co_await and_finally(nothing(), limited(timed_out(job), "what follows the time-out of " + name_));
    } catch (...) {  // the time-out is the cause
        job.log.error(patchbay::describe(std::current_exception()));
    }
    throw_timeout(elapsed);
}

/// What a failure is to the enclosing action. Whatever failed while the job was being told to stop is that stop.
std::exception_ptr Action::judged(const JobContext& job, std::exception_ptr failure) const {
    if (job.stopping()) return std::make_exception_ptr(JobCanceled{job.cancellation.reason()});
    const auto timeout = is_top_level(level_) ? test_timeout(failure) : std::nullopt;
    return timeout ? std::make_exception_ptr(TestError{*timeout}) : failure;
}

Task<> Action::execute(JobContext& job, Deadline parent) {
    const auto start = Clock::now();
    const auto deadline = parent.at_most(timeout_);
    log_start(job, deadline);
    std::exception_ptr failure;
    try {
        if (deadline.passed()) throw_timeout(Clock::duration{0});
        co_await make_protocol_calls(job, *block_, name_, deadline);
        co_await run_within(job, deadline);
    } catch (...) {
        failure = std::current_exception();
    }
    const auto elapsed = Clock::now() - start;
    if (!failure) {
        log_end(job, elapsed);
        log_result(job, elapsed, nullptr);
        co_return;
    }
    const bool skipped = skips_timeout() && is_top_level(level_) && !job.stopping() && test_timeout(failure);
    failure = judged(job, failure);
    const auto text = patchbay::describe(failure);
    if (skipped) {
        job.log.warning("skip_timeout is set for " + name_ + " - continuing to next action block.");
    } else {
        job.log.exception(text);
    }
    log_end(job, elapsed);
    log_result(job, elapsed, &text);
    if (!skipped) std::rethrow_exception(failure);
}

void Action::log_start(JobContext& job, Deadline deadline) const {
    const auto left = deadline.left() + 500ms;
    const auto text = "start: " + level_ + " " + name_ + " (timeout " + format_hms(left) + ") [" + ns() + "]";
    job.log.write(is_top_level(level_) ? LogLevel::info : LogLevel::debug, text);
}

void Action::log_end(JobContext& job, Clock::duration elapsed) const {
    const auto text = "end: " + level_ + " " + name_ + " (duration " + format_hms(elapsed + 500ms) + ") [" + ns() + "]";
    job.log.write(is_top_level(level_) ? LogLevel::info : LogLevel::debug, text);
}

void Action::log_result(JobContext& job, Clock::duration elapsed, const std::string* failure) {
    if (failure) extra_.set("fail", *failure);
    if (extra_.empty()) return;
    ActionReport report{name_, level_, ns(), elapsed, failure == nullptr, std::exchange(extra_, {})};
    job.log.results(make_action_result(report));
}

void Action::settle(const std::string& level, const ActionBlock* block, const JobContext& job, const Action* parent) {
    level_ = level;
    block_ = block;
    const bool one_of_many = parent && parent->max_retries() > 1;
    const auto share = one_of_many ? std::optional{parent->timeout_ / parent->max_retries()} : std::nullopt;
    timeout_ = job.action_timeout(name_, *block, share);
    connection_timeout_ = job.connection_timeout(name_, *block);
    settled(job);
    for (std::size_t i = 0; i < children_.size(); ++i) {
        children_[i]->settle(level + "." + std::to_string(i + 1), block, job, this);
    }
}

void Action::add_names(std::vector<std::string>& names) const {
    names.push_back(name_);
    for (const auto& child : children_) child->add_names(names);
}

config::Value Action::describe() const {
    config::Map map{{"class", class_name(name_)},
                    {"name", name_},
                    {"level", level_},
                    {"max_retries", max_retries()},
                    {"description", summary_},
                    {"summary", summary_},
                    {"timeout", static_cast<std::int64_t>(timeout_.count())}};
    describe_more(map);
    if (!children_.empty()) {
        config::List below;
        for (const auto& child : children_) below.push_back(child->describe());
        map.set("pipeline", std::move(below));
    }
    return map;
}

}  // namespace patchbay
