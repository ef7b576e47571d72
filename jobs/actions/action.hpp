// SPDX-License-Identifier: Apache-2.0
#pragma once
// One node of a job's pipeline. Names, levels and result cases are LAVA's: job files set time-outs by action name and
// dashboards look results up by it (lava_dispatcher/action.py).

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/task.hpp"
#include "jobs/definition/definition.hpp"

namespace patchbay {

struct JobContext;

class Action {
public:
    Action(std::string name, std::string summary) : name_{std::move(name)}, summary_{std::move(summary)} {}
    virtual ~Action() = default;

    /// Adds what is wrong with the job to `errors`. A thrown JobError is collected, too. Default: the children's.
    virtual Task<> validate(JobContext& job, std::vector<std::string>& errors);

    /// Logs the start, runs within the action's time, logs the end and the result.
    /// `parent` is the end of the enclosing action; ours never lies beyond it.
    /// Throws: the failure, after it was logged.
    Task<> execute(JobContext& job, Deadline parent);

    /// Undoes what was done; called once for each action that was built, whether it ran or not. Default: the
    /// children's.
    virtual Task<> cleanup(JobContext& job);

    /// Gives every node its level ("1.2.1") and its block's time-outs; called once, when the tree is complete.
    /// `parent`: the action that it is a part of; nullptr for a block's own.
    void settle(const std::string& level, const ActionBlock* block, const JobContext& job,
                const Action* parent = nullptr);

    template <class A, class... Args>
    A& add(Args&&... args) {
        auto child = std::make_unique<A>(std::forward<Args>(args)...);
        A& reference = *child;
        children_.push_back(std::move(child));
        return reference;
    }
    Action& add(std::unique_ptr<Action> child) {
        children_.push_back(std::move(child));
        return *children_.back();
    }

    const std::string& name() const { return name_; }
    const std::string& level() const { return level_; }
    const std::string& summary() const { return summary_; }
    const std::vector<std::unique_ptr<Action>>& children() const { return children_; }
    std::chrono::seconds timeout() const { return timeout_; }
    /// The part of description.yaml that tells this node and what is below it.
    config::Value describe() const;
    /// The part of the definition that it belongs to.
    const ActionBlock& block() const { return *block_; }
    /// Its own name and those of all below it.
    void add_names(std::vector<std::string>& names) const;
    /// Does the block let the job go on after this action ran out of time?
    bool skips_timeout() const { return block_->skip_timeout; }

protected:
    /// What the action does. Default: its children, in order.
    virtual Task<> run(JobContext& job, Deadline deadline);
    /// Its time was over, and what it did has stopped. Not reached by a cancellation.
    virtual Task<> timed_out(JobContext&) { co_return; }
    /// Which error a time-out of this action is.
    virtual ErrorType timeout_type() const { return ErrorType::job; }
    /// How often run() may be tried; more than one only for a RetryAction.
    virtual int max_retries() const { return 1; }
    /// Level, block and time-outs are known now.
    virtual void settled(const JobContext&) {}
    /// What description.yaml tells beyond what every action has, such as the url of a download.
    virtual void describe_more(config::Map&) const {}
    /// An action that only orders its children leaves time-outs to them: the innermost one names itself.
    virtual bool owns_timer() const { return children_.empty(); }

    const std::string& ns() const { return block_->name_space; }
    std::chrono::seconds connection_timeout() const { return connection_timeout_; }
    /// A result of this action with further data; nothing is reported for a pass without data.
    void report(std::string key, config::Value value) { extra_.set(std::move(key), std::move(value)); }
    [[noreturn]] void throw_timeout(Clock::duration elapsed) const;

private:
    void log_start(JobContext& job, Deadline deadline) const;
    void log_end(JobContext& job, Clock::duration elapsed) const;
    void log_result(JobContext& job, Clock::duration elapsed, const std::string* failure);
    Task<> run_within(JobContext& job, Deadline deadline);
    std::exception_ptr judged(const JobContext& job, std::exception_ptr failure) const;

    std::string name_;
    std::string summary_;
    std::string level_;
    const ActionBlock* block_ = nullptr;
    std::chrono::seconds timeout_{30};
    std::chrono::seconds connection_timeout_{30};
    config::Map extra_;
    std::vector<std::unique_ptr<Action>> children_;
};

using ActionPtr = std::unique_ptr<Action>;

}  // namespace patchbay
