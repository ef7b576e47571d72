// SPDX-License-Identifier: Apache-2.0
// test: {definitions: [...]}: runs lava-test-runner on the target and follows its signals
// (lava_dispatcher/actions/test/shell.py).
#include "jobs/actions/test/test_shell.hpp"

#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/test/test.hpp"
#include "jobs/results/multinode_call.hpp"
#include "jobs/results/test_run.hpp"

namespace patchbay {
namespace {

TestDefinitionInfo info_of(const OverlayDefinition& definition) {
    TestDefinitionInfo info;
    info.name = definition.id;
    info.repository = definition.source.repository;
    info.path = definition.source.path;
    if (!definition.source.revision.empty()) info.revision = definition.source.revision;
    info.commit_id = definition.commit_id;
    info.parse_pattern = definition.definition.pattern;
    if (const auto& fixup = definition.definition.fixup) {
        const config::Value map{*fixup};
        info.fixup = read_fixup(&map);
    }
    if (definition.source.expected) {
        info.expected = *definition.source.expected;
        info.expected_from_job = true;
    } else if (definition.definition.expected) {
        info.expected = *definition.definition.expected;
    }
    return info;
}

}  // namespace

TestShell::TestShell(std::string name) : Action{std::move(name), "run the test definitions on the target"} {}

ConsoleSession& TestShell::console(JobContext& job) { return typing_console(job, block()); }

void TestShell::report_expected(JobContext& job) {
    if (test_) log_effects(job, test_->cleanup());
}

Task<> TestShell::run(JobContext& job, Deadline deadline) {
    started_ = Clock::now();
    auto& console = this->console(job);
    const auto& source = overlay_namespace(job);
    const auto& state = job.state(source);
    const auto stage = stage_of(job.definition, block(), source);
    job.log.debug("Using namespace: " + ns());
    auto settings = settings_for(job, *state.overlay, stage);
    if (test_) settings.expectation_done = test_->expectation_done();
    auto& test = test_.emplace(std::move(settings));
    std::exception_ptr failure;
    bool timed_out = false;
    try {
        co_await start_runner(job, console, state, stage, deadline);
        timed_out = !co_await follow(job, console, test, deadline);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure || timed_out) log_effects(job, test.interrupted(Clock::now().time_since_epoch()));
    if (failure) std::rethrow_exception(failure);
    if (timed_out) throw_timeout(Clock::now() - started_);
}

/// Whose deploy made the overlay of this test: its own namespace, or that of its connection.
const std::string& TestShell::overlay_namespace(JobContext& job) const {
    for (const auto* name : {&ns(), &block().connection_namespace}) {
        if (!name->empty() && job.state(*name).overlay) return *name;
    }
    throw JobError{"Nothing to run. No deploy action of namespace '" + ns() +
                   "' made an overlay; the test needs a deploy in the same namespace"};
}

TestRunSettings TestShell::settings_for(const JobContext& job, const Overlay& overlay, int stage) const {
    TestRunSettings settings;
    settings.ns = ns();
    settings.connection_ns = block().connection_namespace;
    settings.level = level();
    settings.stage = static_cast<unsigned>(stage);
    settings.multinode = job.definition.multinode.has_value();
    for (const auto& [name, state] : job.namespaces) {
        if (state.console) settings.feedback_namespaces.push_back(name);
    }
    for (const auto& definition : overlay.definitions()) {
        if (definition.stage == stage) settings.definitions.push_back(info_of(definition));
    }
    return settings;
}

/// Each command up to the runner has the connection's time to show a prompt again.
Task<> TestShell::start_runner(JobContext& job, ConsoleSession& console, const NamespaceState& state, int stage,
                               Deadline deadline) {
    const auto& settings = state.overlay->settings();
    const auto& folder = settings.results_dir;
    const auto prompts = PatternSet::of(console.prompts);
    console.take_buffered();
    // A shell that has just answered is not asked again: each prompt costs a target 25 ms and more.
    const bool ready = console.answered && Clock::now() - *console.answered < 1s;
    if (!ready) co_await command(console, prompts, "#", deadline);
    job.log.debug("Using " + folder);
    if (const auto& disk = state.guest_disk) {
        // Without udev there is no by-uuid; busybox then finds the drive by its label's neighbour, the UUID.
        const auto by_uuid = "/dev/disk/by-uuid/" + disk->uuid;
        co_await command(console, prompts, "mkdir " + folder, deadline);
        co_await command(
            console, prompts,
            "mount " + by_uuid + " -t ext2 " + folder + " || mount -t ext2 UUID=" + disk->uuid + " " + folder,
            deadline);
        co_await command(console, prompts, "ls -la " + folder + "/bin/lava-test-runner", deadline);
    }
    // One line where LAVA types three, for the same reason.
    co_await console.send_line("export SHELL=" + settings.shell + "; . " + folder + "/environment; " + folder +
                               "/bin/lava-test-runner " + folder + "/" + std::to_string(stage));
    const auto poll = std::min(timeout(), connection_timeout()).count();
    job.log.info("Test shell timeout: " + std::to_string(poll) + "s (minimum of the action and connection timeout)");
}

Task<> TestShell::command(ConsoleSession& console, const PatternSet& prompts, std::string text,
                          Deadline deadline) const {
    co_await console.send_line(std::move(text));
    const auto match = co_await console.wait_some(prompts, deadline.at_most(connection_timeout()));
    if (!match && !deadline.passed()) throw JobError{"wait for prompt timed out"};
    if (!match) throw_timeout(Clock::now() - started_);
}

/// False when the time was over before the runner said that it is done.
Task<bool> TestShell::follow(JobContext& job, ConsoleSession& console, TestRun& test, Deadline deadline) {
    for (;;) {
        const auto match = co_await console.wait_some(test.patterns(), deadline);
        if (!match) co_return false;
        auto effects = test.feed(*match, Clock::now().time_since_epoch(), job.log.lines());
        const auto outcome = co_await apply_effects(job, std::move(effects));
        if (outcome.raise) throw TestError{*outcome.raise};
        if (outcome.end) co_return true;
        if (!outcome.call) continue;
        auto question = *outcome.call;  // named before the co_await (docs/maintainers/coroutines.md)
        const auto call = co_await make_group_call(job, console, std::move(question), deadline);
        if (!call.passed && call.refused.empty() && deadline.passed()) co_return false;
        log_effects(job, test.call_answered(*outcome.call, call.passed, job.log.lines()));
        if (!call.refused.empty())
            throw TestError{"Coordinator was unable to accept " + case_of(*outcome.call) + ": " + call.refused};
        if (call.passed) continue;
        // As in LAVA: the test is over, and the job goes on.
        log_effects(job, test.interrupted(Clock::now().time_since_epoch()));
        co_return true;
    }
}

namespace {

class TestRetry final : public RetryAction {
public:
    TestRetry() : RetryAction{"lava-test-retry", "run the test definitions, again if they fail to run"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        std::exception_ptr failure;
        try {
            co_await RetryAction::run(job, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        shell_.report_expected(job);
        if (failure) std::rethrow_exception(failure);
    }

private:
    TestShell& shell_ = add<TestShell>();
};

/// In a part of a multinode group a second attempt would find the others gone on.
class MultinodeTest final : public TestShell {
public:
    MultinodeTest() : TestShell{"multinode-test"} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::test; }

    Task<> run(JobContext& job, Deadline deadline) override {
        std::exception_ptr failure;
        try {
            co_await TestShell::run(job, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        report_expected(job);
        if (failure) std::rethrow_exception(failure);
    }
};

}  // namespace

ActionPtr build_test_shell(const ActionBlock&, const JobContext& job) {
    if (job.definition.multinode) return std::make_unique<MultinodeTest>();
    return std::make_unique<TestRetry>();
}

}  // namespace patchbay
