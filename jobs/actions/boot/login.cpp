// SPDX-License-Identifier: Apache-2.0
// From the kernel's first line to a shell (lava_dispatcher/actions/boot/__init__.py, auto-login-action).
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/hold_dialogue.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/bootloader/kernel_dialogue.hpp"
#include "jobs/bootloader/kernel_start.hpp"
#include "jobs/bootloader/login_dialogue.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

constexpr auto no_prompt = "wait for prompt timed out";

struct AutoLogin {
    std::string login_prompt, username, password_prompt, password;
    std::vector<std::string> login_commands;
};

std::optional<AutoLogin> read_auto_login(const ActionBlock& block) {
    const auto* value = block.parameters.find("auto_login");
    const auto* map = value ? value->as_map() : nullptr;
    if (!map) return std::nullopt;
    AutoLogin login{config::string_or_empty(map->find("login_prompt")),
                    config::string_or_empty(map->find("username")),
                    config::string_or_empty(map->find("password_prompt")),
                    config::string_or_empty(map->find("password")),
                    {}};
    if (const auto* commands = map->find("login_commands"); commands && commands->as_list()) {
        for (const auto& command : *commands->as_list()) {
            if (const auto* text = command.as_string()) login.login_commands.push_back(*text);
        }
    }
    return login;
}

class LoginAction final : public Action {
public:
    explicit LoginAction(Booting booting)
        : Action{"login-action", "wait for a login prompt or a shell, log in"}, booting_{booting} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        const auto login = read_auto_login(block());
        if (!login) co_return;
        if (login->login_prompt.empty()) errors.push_back("'login_prompt' is mandatory for auto_login");
        if (login->username.empty()) errors.push_back("'username' is mandatory for auto_login");
        if (!login->password_prompt.empty() && login->password.empty()) {
            errors.push_back("'password' is mandatory if 'password_prompt' is used in auto_login");
        }
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& console = job.console(block());
        const auto login = read_auto_login(block());
        const auto prompts = block_prompts(block());
        job.log.debug("Using line separator: #'\\n'#");
        warn_of_prompts(job, prompts);
        if (login) {
            job.log.info("Waiting for the login prompt");
        } else {
            job.log.debug("No login prompt set.");
        }
        bool at_shell = false;
        if (booting_ == Booting::logged_in) {
            job.log.debug("Skipping kernel messages");
        } else {
            at_shell = co_await wait_for_kernel(job, console, login, prompts, deadline);
        }
        if (login) co_await log_in(job, console, *login, prompts, deadline, at_shell);
        console.prompts = prompts;
        job.log.debug("Setting prompt string to " + python_list(prompts));
    }

private:
    /// A prompt without ':' or an escape is likely to be found in kernel messages, too.
    static void warn_of_prompts(JobContext& job, const std::vector<std::string>& prompts) {
        for (const auto& prompt : prompts) {
            if (prompt.find_first_of(":\\") != std::string::npos) continue;
            job.log.warning("The string '" + prompt +
                            "' does not look like a typical prompt and could match other output of the boot; "
                            "make it more specific");
        }
    }

    /// Returns whether it ended at a shell's prompt.
    Task<bool> wait_for_kernel(JobContext& job, ConsoleSession& console, const std::optional<AutoLogin>& login,
                               const std::vector<std::string>& prompts, Deadline deadline) {
        LoginWait wait;
        wait.prompts = prompts;
        wait.failure_message = config::string_or_empty(block().parameters.find("failure_message"));
        wait.login_prompt = login ? login->login_prompt : std::string{};
        if (const auto* ignore = block().parameters.find("ignore_kernel_messages"); ignore && ignore->as_bool()) {
            wait.ignore_kernel_messages = *ignore->as_bool();
        }
        KernelDialogue dialogue{std::move(wait)};
        const auto& messages = dialogue.messages();
        if (messages.parsing()) job.log.info("Parsing kernel messages");
        job.log.debug("[login-action] Waiting for messages, (timeout " + format_hms(deadline.left() + 500ms) + ")");
        auto warn = [&job](std::string text) { job.log.warning(text); };
        const auto start = Clock::now();
        for (;;) {
            // Where nobody logs in, a prompt that a kernel message has cut in two is asked for again.
            std::optional<DialogueStep> step;
            if (login) {
                step = co_await next_step(console, dialogue, deadline);
            } else {
                const auto match = co_await console.wait_some_forced(dialogue.patterns(), deadline, warn);
                if (match) step = dialogue.feed(*match);
            }
            if (!step) {
                const auto panic = messages.expired();
                throw JobError{panic ? *panic : no_prompt};
            }
            for (const auto& line : step->log) job.log.write(line.level, line.text);
            if (step->next == DialogueStep::Next::wait) continue;
            report_messages(job, messages, Clock::now() - start);
            if (step->next == DialogueStep::Next::failed) raise(step->error_type, step->error);
            co_return dialogue.at_shell();
        }
    }

    void report_messages(JobContext& job, const KernelMessages& messages, Clock::duration elapsed) {
        if (!messages.parsing()) return;
        config::Map extra{{"extra", messages.extra()}};
        ActionReport kernel{"kernel-messages", level(), ns(), elapsed, !messages.fatal(), std::move(extra)};
        job.log.results(make_action_result(kernel));
        if (messages.entries().empty()) {
            report("success", "No kernel warnings or errors detected.");
        } else if (!messages.fatal()) {
            report("extra", messages.extra());
            job.log.warning("Kernel warnings or errors detected.");
        }
    }

    Task<> log_in(JobContext& job, ConsoleSession& console, const AutoLogin& login,
                  const std::vector<std::string>& prompts, Deadline deadline, bool at_shell) {
        LoginDialogue dialogue{{login.login_prompt, login.username, login.password_prompt, login.password, prompts,
                                login.login_commands, at_shell}};
        auto step = dialogue.start();
        for (auto until = deadline;;) {
            for (const auto& line : step.log) job.log.write(line.level, line.text);
            for (const auto& typing : step.typing) co_await console.send_line(typing.text);
            if (step.next == DialogueStep::Next::finished) co_return;
            if (step.next == DialogueStep::Next::failed) raise(step.error_type, step.error);
            if (!step.typing.empty()) until = begin_wait(job, console, dialogue, prompts, deadline);
            auto next = co_await next_step(console, dialogue, until);
            if (!next) throw JobError{no_prompt};
            step = std::move(*next);
        }
    }

    /// Something was typed: until when its answer is awaited.
    Deadline begin_wait(JobContext& job, ConsoleSession& console, const LoginDialogue& dialogue,
                        const std::vector<std::string>& prompts, Deadline deadline) {
        if (dialogue.awaits() == LoginDialogue::Awaits::command) {
            console.prompts = prompts;
            return deadline.at_most(connection_timeout());
        }
        if (dialogue.awaits() == LoginDialogue::Awaits::password_prompt) job.log.info("Waiting for password prompt");
        log_wait(job, "login-action", dialogue, deadline);
        return deadline;
    }

    Booting booting_;
};

class AutoLoginAction final : public RetryAction {
public:
    explicit AutoLoginAction(Booting booting)
        : RetryAction{"auto-login-action", "wait for the kernel, then log in"}, booting_{booting} {
        add<LoginAction>(booting);
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto& prompt : block_prompts(block())) {
            if (prompt.empty()) errors.push_back("'prompts' must not hold an empty text");
        }
        co_await Action::validate(job, errors);
    }

protected:
    Task<> attempt(JobContext& job, Deadline deadline) override {
        if (booting_ == Booting::starts) co_await wait_for_start(job, deadline);
        co_await Action::run(job, deadline);
        if (job.fingerprint) job.fingerprint->check(job.device.name());
    }

private:
    Task<> wait_for_start(JobContext& job, Deadline deadline) {
        const auto message = start_message(job);
        if (message.empty()) co_return;
        KernelStartDialogue dialogue{plan(job, message)};
        const bool started = co_await hold_dialogue(job, job.console(block()), dialogue, name(), deadline);
        if (!started) throw JobError{no_prompt};
    }

    KernelStartPlan plan(const JobContext& job, const std::string& message) const {
        const LoaderSettings loader{job, config::string_or_empty(block().parameters.find("method"))};
        KernelStartPlan plan;
        plan.start_message = message;
        plan.errors = loader.error_messages();
        const auto prompt = loader.text("bootloader_prompt");
        const auto state = job.namespaces.find(ns());
        if (prompt.empty() || state == job.namespaces.end() || state->second.loader.commands.empty()) return plan;
        const bool echo_follows = loader.final_message(block()).empty();
        plan.last_command = LastCommand{prompt, state->second.loader.commands.back(), echo_follows};
        return plan;
    }

    std::string start_message(const JobContext& job) const {
        const auto* parameters = block().parameters.find("parameters");
        const auto* own = parameters ? parameters->find("kernel-start-message") : nullptr;
        auto message =
            own && own->as_string() ? *own->as_string() : job.constant("kernel-start-message", "Linux version [0-9]");
        if (message.empty()) return message;
        const auto* method =
            job.description.boot_methods.find(config::string_or_empty(block().parameters.find("method")));
        const auto* settings = method ? method->find("parameters") : nullptr;
        const auto* old = settings ? settings->find("boot_message") : nullptr;
        if (!old || !old->as_string()) return message;
        job.log.warning("boot_message in the device's parameters is deprecated; use the constant kernel-start-message");
        return *old->as_string();
    }

    Booting booting_;
};

}  // namespace

ActionPtr make_auto_login(Booting booting) { return std::make_unique<AutoLoginAction>(booting); }

}  // namespace patchbay
