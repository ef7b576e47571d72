// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/pipeline.hpp"

#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

bool has_list(const ActionBlock& block, std::string_view key) { return block.parameters.find(key) != nullptr; }

ActionPtr build(const ActionBlock& block, const JobContext& job) {
    switch (block.kind) {
        case ActionBlock::Kind::deploy: return build_deploy(block, job);
        case ActionBlock::Kind::boot: return build_boot(block, job);
        case ActionBlock::Kind::test: return build_test(block, job);
        case ActionBlock::Kind::command: return build_command(block, job);
    }
    throw LavaBug{"unknown kind of action"};
}

}  // namespace

TestNeeds test_needs(const Definition& definition, const std::string& ns) {
    TestNeeds needs;
    for (const auto& block : definition.actions) {
        if (block.kind != ActionBlock::Kind::test) continue;
        const bool here = block.name_space == ns || block.connection_namespace == ns;
        if (!here || !has_list(block, "definitions")) continue;
        needs.overlay = true;
        if (!has_list(block, "docker")) needs.shell = true;
    }
    return needs;
}

Pipeline::Pipeline(const JobContext& job) {
    int number = 0;
    for (const auto& block : job.definition.actions) {
        auto action = build(block, job);
        action->settle(std::to_string(++number), &block, job);
        actions_.push_back(std::move(action));
    }
    finalize_ = build_finalize();
    finalize_->settle(std::to_string(++number), &finalize_block_, job);
}

Task<> Pipeline::validate(JobContext& job) {
    std::vector<std::string> errors;
    for (const auto& action : actions_) {
        try {
            co_await action->validate(job, errors);
        } catch (const JobError& error) {
            errors.push_back(action->level() + " " + action->name() + ": " + error.what());
        }
    }
    if (!errors.empty()) throw JobError{"Invalid job data: " + python_list(errors) + "\n"};
}

Task<> Pipeline::run_top_level(Action& action, const ActionBlock& block, JobContext& job, Deadline deadline) {
    std::string timed_out;
    try {
        co_await action.execute(job, deadline);
    } catch (const LavaTimeoutError& error) {
        timed_out = error.what();
    }
    if (timed_out.empty()) co_return;
    if (!block.skip_timeout) throw TestError{timed_out};
    job.log.warning("skip_timeout is set for " + action.name() + " - continuing to next action block.");
}

Task<> Pipeline::run(JobContext& job, Deadline deadline) {
    for (std::size_t i = 0; i < actions_.size(); ++i) {
        co_await run_top_level(*actions_[i], job.definition.actions[i], job, deadline);
    }
    finalized_ = true;
    co_await finalize_->execute(job, deadline);
}

Task<> Pipeline::cleanup(JobContext& job, Finalize finalize) {
    job.log.info("Cleaning after the job");
    std::exception_ptr failure;
    for (const auto& action : actions_) {
        try {
            co_await action->cleanup(job);
        } catch (...) {
            failure = std::current_exception();
            job.log.error("Failed to clean " + action->name() + ": " + patchbay::describe(failure));
        }
    }
    if (!finalized_ && finalize == Finalize::if_not_done) {
        finalized_ = true;
        co_await finalize_->cleanup(job);
    }
    if (failure) throw InfrastructureError{"Failed to clean after job"};
}

config::Value Pipeline::describe() const {
    config::List list;
    for (const auto& action : actions_) list.push_back(action->describe());
    list.push_back(finalize_->describe());
    return config::Map{{"pipeline", std::move(list)}};
}

}  // namespace patchbay
