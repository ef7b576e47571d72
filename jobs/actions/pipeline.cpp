// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/pipeline.hpp"

#include <set>
#include <utility>

#include "core/text.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/protocol_calls.hpp"

namespace patchbay {
namespace {

ActionPtr build(const ActionBlock& block, const JobContext& job) {
    switch (block.kind) {
        case ActionBlock::Kind::deploy:
            return build_deploy(block, job);
        case ActionBlock::Kind::boot:
            return build_boot(block, job);
        case ActionBlock::Kind::test:
            return build_test(block, job);
        case ActionBlock::Kind::command:
            return build_command(block, job);
    }
    throw LavaBug{"unknown kind of action"};
}

/// `common` is what a job without namespaces has; beside others it is most likely a forgotten key.
void check_namespaces(const Definition& definition) {
    std::set<std::string> names;
    for (const auto& block : definition.actions) {
        names.insert(block.name_space);
        check_namespace(block.name_space);
        if (!block.connection_namespace.empty()) check_namespace(block.connection_namespace);
        const auto downloads = config::string_or_empty(block.parameters.find("downloads-namespace"));
        if (!downloads.empty()) check_namespace(downloads);
    }
    if (names.contains("docker-test-shell")) {
        throw JobError{"'docker-test-shell' is a reserved namespace; give the namespace another name"};
    }
    if (names.size() > 1 && names.contains("common")) {
        names.erase("common");
        throw JobError{"'common' is a reserved namespace that cannot be used beside '" + *names.begin() +
                       "'; give every action a namespace, or none"};
    }
}

}  // namespace

bool runs_from_overlay(const ActionBlock& block, const std::string& ns) {
    const bool here = block.name_space == ns || block.connection_namespace == ns;
    return here && block.kind == ActionBlock::Kind::test && block.parameters.contains("definitions");
}

int stage_of(const Definition& definition, const ActionBlock& block, const std::string& ns) {
    int stage = 0;
    for (const auto& other : definition.actions) {
        if (&other == &block) break;
        if (runs_from_overlay(other, ns)) ++stage;
    }
    return stage;
}

void check_namespace(const std::string& name) {
    if (is_plain_name(name)) return;
    throw JobError{"'" + name + "' cannot be a namespace; use letters, digits, '-', '_' and '.'"};
}

TestNeeds test_needs(const Definition& definition, const std::string& ns) {
    TestNeeds needs;
    for (const auto& block : definition.actions) {
        if (!runs_from_overlay(block, ns)) continue;
        needs.overlay = true;
        if (!block.parameters.contains("docker")) needs.shell = true;
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
    check_namespaces(job.definition);
    for (const auto& action : actions_) {
        if (action->timeout() <= job.definition.timeouts.job) continue;
        job.log.warning("Action timeout for " + action->name() + " exceeds Job timeout");
    }
    std::vector<std::string> errors;
    for (const auto& action : actions_) {
        std::vector<std::string> names;
        action->add_names(names);
        check_protocol_calls(job, action->block(), names, errors);
        try {
            co_await action->validate(job, errors);
        } catch (const JobError& error) {
            errors.push_back(action->level() + " " + action->name() + ": " + error.what());
        }
    }
    if (!errors.empty()) throw JobError{"Invalid job data: " + python_list(errors) + "\n"};
}

Task<> Pipeline::run(JobContext& job, Deadline deadline) {
    for (const auto& action : actions_) co_await action->execute(job, deadline);
}

Task<> Pipeline::cleanup(JobContext& job) {
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
    if (failure) throw InfrastructureError{"Failed to clean after job"};
}

Task<> Pipeline::finalize(JobContext& job) {
    if (std::exchange(finalized_, true)) co_return;
    co_await finalize_->cleanup(job);
}

Task<> Pipeline::finish(JobContext& job) {
    finalized_ = true;
    co_await finalize_->execute(job, Deadline::never());
}

config::Value Pipeline::describe() const {
    config::List list;
    for (const auto& action : actions_) list.push_back(action->describe());
    list.push_back(finalize_->describe());
    // 4: what lava-run of 2023.01 writes.
    return config::Map{{"compatibility", 4}, {"pipeline", std::move(list)}};
}

}  // namespace patchbay
