// SPDX-License-Identifier: Apache-2.0
// boot: {method: gdb}: a debugger loads the image and lets it run; it stays until the job ends.
#include "core/process/words.hpp"
#include "devices/program_console.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class BootGdbRetry final : public RetryAction {
public:
    explicit BootGdbRetry(const JobContext& job) : RetryAction{"boot-gdb-retry", "load and start with gdb"} {
        if (is_resettable(job)) add(make_reset_device(job));
        add(make_wait_usb_serial(job));
        add(make_connect_device());
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto* commands = set(job);
        if (!commands) {
            errors.push_back("'" + wanted() + "' is none of the command sets of the device's boot.methods.gdb");
        } else {
            const auto* docker = commands->find("docker");
            const auto* use = docker ? docker->find("use") : nullptr;
            if (block().parameters.contains("container") || (use && use->as_bool() && *use->as_bool())) {
                errors.push_back(
                    "gdb in a container is not available here; install it on this host and set 'use: "
                    "False' in the device's boot.methods.gdb." +
                    wanted() + ".docker");
            }
            for (const auto& line : texts_of(commands->find("commands"))) {
                // OpenOCD's scripts run programs; the ELF file that GDB loads does not.
                if (line.find("{OPENOCD_SCRIPT}") == std::string::npos) continue;
                need_trust(job, "the image 'openocd_script' holds commands of OpenOCD, which", errors);
            }
        }
        gdb_.validate(job, errors);
        co_await Action::validate(job, errors);
    }

    Task<> cleanup(JobContext& job) override {
        co_await Action::cleanup(job);
        co_await leave();
    }

protected:
    Task<> attempt(JobContext& job, Deadline deadline) override {
        co_await leave();  // of the try before, whose session refers to its program
        co_await Action::run(job, deadline);
        const auto paths = image_paths(job, ns());
        const auto& commands = *set(job);
        Command command;
        command.argv = gdb_.program(job);
        for (const auto& argument : texts_of(commands.find("arguments"))) {
            command.argv.push_back(substitute(argument, paths));
        }
        co_await open(job, std::move(command));
        const auto patience = [&] { return deadline.at_most(connection_timeout()); };
        const auto prompt = PatternSet::of(session_->prompts);
        co_await session_->wait(prompt, patience());
        for (const auto& line : texts_of(commands.find("commands"))) {
            co_await session_->command(substitute(line, paths), patience());
        }
        if (const auto* pause = gdb_.parameters(job).find("wait_before_continue"); pause && pause->as_int()) {
            co_await sleep_for(std::chrono::seconds{*pause->as_int()});
        }
        co_await session_->send_line("continue");
    }

private:
    std::string wanted() const { return config::text_or_empty(block().parameters.find("commands")); }
    const config::Value* set(const JobContext& job) const {
        return wanted() == "parameters" ? nullptr : gdb_.method(job).find(wanted());
    }

    /// GDB goes.
    Task<> leave() {
        if (!session_) co_return;
        // The target is left running; GDB asks before it lets go of one.
        for (const std::string line : {"set confirm no", "quit"}) {
            try {
                co_await session_->send_line(line);
            } catch (const ConnectionClosedError&) {  // it has gone by itself
            }
        }
        co_await session_->drain(ns(), 2s);  // until it has gone
        co_await session_->close();
        session_.reset();
        program_.reset();
    }

    Task<> open(JobContext& job, Command command) {
        const auto shown = join_words(command.argv);
        job.log.info("[" + ns() + "] " + name() + " Connecting to device using '" + shown + "'");
        program_ =
            std::make_unique<ProgramConsole>(co_await asio::this_coro::executor, std::move(command), "gdb", shown);
        co_await program_->open();
        session_ = std::make_unique<ConsoleSession>(*program_, job.log);
        session_->prompts = {"\\(gdb\\) "};
    }

    const Programmer gdb_{"gdb", "gdb-multiarch"};
    std::unique_ptr<ProgramConsole> program_;
    std::unique_ptr<ConsoleSession> session_;
};

class BootGdb final : public Action {
public:
    explicit BootGdb(const JobContext& job) : Action{"boot-gdb", "boot with gdb"} { add<BootGdbRetry>(job); }
};

}  // namespace

ActionPtr build_boot_gdb(const ActionBlock&, const JobContext& job) { return std::make_unique<BootGdb>(job); }

}  // namespace patchbay
