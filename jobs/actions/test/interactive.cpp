// SPDX-License-Identifier: Apache-2.0
// test: {interactive: [...]}: commands typed at a prompt (lava_dispatcher/actions/test/interactive.py).
#include "jobs/results/interactive.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/test/test.hpp"
#include "jobs/results/multinode_call.hpp"
#include "jobs/results/test_report.hpp"

namespace patchbay {
namespace {

const config::List& list_of(const config::Value& map, std::string_view key) {
    static const config::List none;
    const auto* value = map.find(key);
    const auto* list = value ? value->as_list() : nullptr;
    return list ? *list : none;
}

InteractiveCommand read_command(const config::Value& step, const Substitutions& values) {
    InteractiveCommand command;
    const auto* text = step.find("command");
    if (text && !text->is_null()) command.command = substitute(config::python_str(*text), values);
    command.name = config::text_or_empty(step.find("name"));
    const auto* wait = step.find("wait_for_prompt");
    command.wait_for_prompt = !(wait && wait->as_bool() && !*wait->as_bool());
    for (const auto& success : list_of(step, "successes"))
        command.successes.push_back(config::text_or_empty(success.find("message")));
    for (const auto& failure : list_of(step, "failures")) {
        InteractiveFailure read{
            config::text_or_empty(failure.find("message")), {}, config::text_or_empty(failure.find("error"))};
        if (const auto name = config::text_or_empty(failure.find("exception")); !name.empty())
            read.exception = error_type_of_class(name);
        command.failures.push_back(std::move(read));
    }
    return command;
}

struct GroupStep {
    std::string_view key, name;
};
constexpr GroupStep group_steps[] = {
    {"lava-send", "SEND"}, {"lava-sync", "SYNC"}, {"lava-wait", "WAIT"}, {"lava-wait-all", "WAIT_ALL"}};

/// "done role=client" of a lava-wait-all; the others are as on a console.
std::variant<GroupCall, SignalError> group_call(std::string_view name, const std::string& text) {
    auto call = parse_multinode_call(name, text);
    constexpr std::string_view prefix = "role=";
    if (auto* parsed = std::get_if<GroupCall>(&call); parsed && parsed->role.starts_with(prefix))
        parsed->role.erase(0, prefix.size());
    return call;
}

/// One script of the block while it runs.
struct Script {
    std::string suite;
    std::vector<std::string> prompts;
    bool discard_echo = false;
    Substitutions values;
    TestReport report;
};

class TestInteractive final : public Action {
public:
    TestInteractive() : Action{"lava-test-interactive", "type commands and judge the answers"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto* scripts = block().parameters.find("interactive")->as_list();
        if (!scripts) {
            errors.push_back("'interactive' must be a list");
            co_return;
        }
        for (const auto& script : *scripts) {
            if (config::text_or_empty(script.find("name")).empty())
                errors.push_back("an interactive script has no 'name'");
            if (read_texts(script.find("prompts")).empty()) errors.push_back("an interactive script has no 'prompts'");
            for (const auto& step : list_of(script, "script"))
                check_step(step, job.definition.multinode.has_value(), errors);
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::lava_timeout; }

    Task<> run(JobContext& job, Deadline deadline) override {
        started_ = Clock::now();
        auto& console = typing_console(job, block());
        const auto stage = std::to_string(stage_of(job.definition, block(), ns()));
        for (const auto& entry : *block().parameters.find("interactive")->as_list()) {
            Script script;
            script.suite = stage + "_" + config::text_or_empty(entry.find("name"));
            script.prompts = read_texts(entry.find("prompts"));
            script.discard_echo = config::text_or_empty(entry.find("echo")) == "discard";
            script.report = TestReport{read_texts(entry.find("expected"))};
            script.values = {{"SERVER_IP", host_address_if_known(job, HostService::http)}, {"JOB_ID", job.id}};
            co_await run_script(job, console, script, entry, deadline);
        }
    }

private:
    static void check_step(const config::Value& step, bool multinode, std::vector<std::string>& errors) {
        for (const auto& [key, name] : group_steps) {
            const auto* text = step.find(key);
            if (!text) continue;
            if (!multinode) errors.push_back("'" + std::string{key} + "' needs a multinode job");
            const auto call = group_call(name, config::text_or_empty(text));
            if (const auto* error = std::get_if<SignalError>(&call)) errors.push_back(error->text);
        }
        for (const auto& failure : list_of(step, "failures")) {
            const auto name = config::text_or_empty(failure.find("exception"));
            if (!name.empty() && !error_type_of_class(name)) {
                errors.push_back("unknown exception '" + name + "'; use InfrastructureError, JobError or TestError");
            }
        }
    }

    Task<> run_script(JobContext& job, ConsoleSession& console, Script& script, const config::Value& entry,
                      Deadline deadline) {
        const auto start = Clock::now();
        job.log.debug("Setting prompt string to " + python_list(script.prompts));
        const auto poll = std::min(timeout(), connection_timeout()).count();
        job.log.info("Test interactive timeout: " + std::to_string(poll) +
                     "s (minimum of the action and connection timeout)");
        std::exception_ptr failure;
        try {
            for (const auto& step : list_of(entry, "script")) co_await run_step(job, console, script, step, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        TestEffects missing;
        script.report.fail_missing(script.suite, level(), missing);
        log_effects(job, missing);
        job.log.results(make_interactive_result("lava", script.suite, !failure, Clock::now() - start));
        if (failure) std::rethrow_exception(failure);
    }

    Task<> run_step(JobContext& job, ConsoleSession& console, Script& script, const config::Value& step,
                    Deadline deadline) {
        if (const auto* delay = step.find("delay")) {
            const auto seconds = delay->as_int() ? *delay->as_int() : 0;
            job.log.info("Delaying for " + std::to_string(seconds) + "s");
            if (step.find("command")) {
                job.log.warning("a step with 'delay' only waits: its command '" +
                                config::text_or_empty(step.find("command")) +
                                "' is not typed; make it a step of its own");
            }
            co_await sleep_for(saturated(std::chrono::seconds{seconds}));
            co_return;
        }
        for (const auto& [key, name] : group_steps) {
            const auto* text = step.find(key);
            if (!text) continue;
            auto call = group_call(name, substitute(config::text_or_empty(text), script.values));
            co_await run_group_step(job, console, script, std::move(call), deadline);
            co_return;
        }
        const InteractiveStep interactive{script.prompts, read_command(step, script.values)};
        const auto start = Clock::now();
        std::exception_ptr failure;
        InteractiveStep::Verdict verdict;
        try {
            verdict = co_await ask(job, console, script, interactive, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        const auto& name = interactive.command().name;
        const bool passed = !failure && verdict.passed;
        if (!name.empty()) {
            TestEffects effects;
            script.report.take(name, make_interactive_result(script.suite, name, passed, Clock::now() - start),
                               effects);
            log_effects(job, effects);
        }
        if (failure) std::rethrow_exception(failure);
        for (const auto& [group, value] : verdict.groups) script.values[group] = value;
        if (verdict.exception) raise(*verdict.exception, verdict.error);
    }

    /// What the others sent can be used in later commands, as {key}.
    Task<> run_group_step(JobContext& job, ConsoleSession& console, Script& script,
                          std::variant<GroupCall, SignalError> parsed, Deadline deadline) {
        if (const auto* error = std::get_if<SignalError>(&parsed)) throw TestError{error->text};
        const auto call = std::get<GroupCall>(parsed);
        job.log.info("Calling the group: " + case_of(call));
        auto question = call;  // named before the co_await (docs/maintainers/coroutines.md)
        const auto answer = co_await ask_group(job, console, std::move(question), deadline);
        if (!answer) throw_timeout(Clock::now() - started_);
        if (!answer->refused.empty())
            throw TestError{"Coordinator was unable to accept " + case_of(call) + ": " + answer->refused};
        for (const auto& item : answer->items) script.values[item.key] = item.value;
    }

    Task<InteractiveStep::Verdict> ask(JobContext& job, ConsoleSession& console, const Script& script,
                                       const InteractiveStep& interactive, Deadline deadline) {
        if (const auto& command = interactive.command().command) {
            job.log.info("Sending '" + *command + "'");
            co_await console.send_line(*command);
            if (script.discard_echo) {
                const auto echo = co_await console.discard_line(deadline);
                if (!echo) throw_timeout(Clock::now() - started_);
                job.log.debug("Ignoring echo: " + config::python_repr(*echo));
            }
        }
        job.log.debug(interactive.waiting_text());
        const auto match = co_await console.wait_some(interactive.patterns(), deadline);
        if (!match) throw_timeout(Clock::now() - started_);
        auto verdict = interactive.judge(*match);
        job.log.write(verdict.log.level, verdict.log.text);
        const bool wait = !verdict.at_prompt && interactive.command().wait_for_prompt && !verdict.exception;
        if (wait) {
            const auto prompts = PatternSet::of(script.prompts);
            const auto prompt = co_await console.wait_some(prompts, deadline);
            if (!prompt) throw_timeout(Clock::now() - started_);
            job.log.debug("Matched a prompt: '" + script.prompts.at(prompt->index) + "'");
        }
        co_return verdict;
    }

    Clock::time_point started_{};
};

class InteractiveRetry final : public RetryAction {
public:
    InteractiveRetry()
        : RetryAction{"lava-test-interactive-retry", "type commands and judge the answers, again if it fails"} {
        add<TestInteractive>();
    }
};

}  // namespace

ActionPtr build_interactive(const ActionBlock&, const JobContext&) { return std::make_unique<InteractiveRetry>(); }

}  // namespace patchbay
