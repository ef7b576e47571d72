// SPDX-License-Identifier: Apache-2.0
// boot: {method: ssh}: logs in to a machine that runs, and copies the overlay to it
// (lava_dispatcher/actions/boot/ssh.py, connections/ssh.py).
#include <algorithm>

#include "core/last_line.hpp"
#include "core/process/words.hpp"
#include "core/whole_file.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/boot/run_on_target.hpp"
#include "jobs/actions/boot/ssh_console.hpp"
#include "jobs/actions/boot/ssh_target.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/login_key.hpp"
#include "jobs/actions/protocol_calls.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "jobs/overlay/tar_flags.hpp"

namespace patchbay {
namespace {

/// What the steps of one login share.
struct SshBoot {
    std::string copied;  ///< where scp-deploy has put the overlay, for the step that unpacks it
    std::string guest;   ///< the address that the group has said; empty: it is that of the device's file
};
using SshBootPtr = std::shared_ptr<SshBoot>;

/// ssh-connection: a shell of the target is the console of the namespace.
class ConnectSsh : public Action {
public:
    explicit ConnectSsh(SshBootPtr shared, std::string name = "ssh-connection",
                        std::string summary = "login to a known device using ssh")
        : Action{std::move(name), std::move(summary)}, shared_{std::move(shared)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override { co_await connect(job, deadline); }

    Task<> connect(JobContext& job, Deadline deadline) {
        auto& state = job.state(ns());
        if (state.console && state.console->connected()) {
            job.log.debug("Already connected");
            co_return;
        }
        if (state.console) job.log.warning("Dead connection, reconnecting");
        const auto target = co_await target_of(job, deadline);
        co_await open(job, target);
        auto& console = *state.console;
        std::exception_ptr failure;
        try {
            co_await wait_for_prompt(job, console, target, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        if (!failure) co_return;
        // The next try is to find no session that never showed a prompt.
        state.console.reset();
        state.program.reset();
        std::rethrow_exception(failure);
    }

    Task<SshTarget> target_of(JobContext& job, Deadline deadline) {
        co_await ask_for_guest(job, deadline);
        auto target = ssh_target(job, shared_->guest);
        target.login.key_file = co_await login_key(job, deadline);
        target.login.connect_time = std::clamp(connection_timeout() / 2, 1s, 30s);
        co_return target;
    }

    /// The guest of another job's machine says by a message where it is.
    Task<> ask_for_guest(JobContext& job, Deadline deadline) {
        const auto guest = ssh_guest(block());
        if (guest.message.empty() || !shared_->guest.empty()) co_return;
        const auto values = co_await message_values(job, guest.message, name(), deadline);
        shared_->guest = config::text_or_empty(values.find(guest.key));
        if (!shared_->guest.empty()) co_return;
        throw JobError{name() + ": could not find host for deployment: the message '" + guest.message +
                       "' has no value for '" + guest.key + "'; send it with lava-send " + guest.message + " " +
                       guest.key + "=…, and give 'message' of the deploy that key"};
    }

    /// Throws the error of whoever can mend it.
    [[noreturn]] void refuse(const SshTarget& target, const std::string& text) const {
        raise(target.at_fault, name() + ": " + target.name() + ": " + text);
    }

    std::string why(const SshTarget& target, std::string_view said) const {
        const auto key = public_part(target.login.key_file);
        std::error_code error;
        const auto line = std::filesystem::exists(key, error) ? read_whole_file(key) : key.string();
        return why_no_login(said, std::string{last_line(line)});
    }

    SshBootPtr shared_;

private:
    Task<> open(JobContext& job, const SshTarget& target) {
        Command command;
        command.argv = ssh_words(target.login);
        const auto shown = join_words(command.argv);
        job.log.info("[" + ns() + "] " + name() + " Connecting to device " + target.login.user + "@" +
                     target.login.host + " using '" + shown + "'");
        job.log.flush();
        auto program =
            std::make_unique<SshConsole>(co_await asio::this_coro::executor, std::move(command), target.name());
        co_await program->open();
        job.attach_program(ns(), std::move(program)).prompts = block_prompts(block());
    }

    Task<> wait_for_prompt(JobContext& job, ConsoleSession& console, const SshTarget& target, Deadline deadline) {
        const auto limit = deadline.at_most(connection_timeout());
        auto awaited = console.prompts;
        const auto* login = block().parameters.find("auto_login");
        const auto prompt = config::string_or_empty(login ? login->find("login_prompt") : nullptr);
        if (!prompt.empty()) awaited.push_back(prompt);
        job.log.debug(name() + ": Wait for prompt " + python_list(awaited) + " (timeout " +
                      format_hms(limit.left() + 500ms) + ")");
        const auto patterns = PatternSet::of(awaited);
        std::optional<Match> match;
        bool ended = false;
        try {
            match = co_await console.wait_some(patterns, limit);
        } catch (const ConnectionClosedError&) {
            ended = true;
        }
        if (match) co_return;
        const std::string said{console.unmatched()};
        const std::string last{last_line(said)};
        if (ended) {
            const auto known = why(target, said);
            refuse(target, !known.empty() ? known
                           : last.empty() ? "ssh has ended without a word; try the command of the log by hand"
                                          : "ssh has ended with '" + last + "'; try the command of the log by hand");
        }
        if (last.empty()) refuse(target, "it has let this lab in, or not, without a word; is the machine overloaded?");
        throw JobError{"wait for prompt timed out: " + target.name() + " showed none of the prompts " +
                       python_list(awaited) + ", but '" + last + "'; correct 'prompts' of the job"};
    }
};

/// scp-deploy: the overlay, onto the target.
class ScpDeploy final : public ConnectSsh {
public:
    explicit ScpDeploy(SshBootPtr shared)
        : ConnectSsh{std::move(shared), "scp-deploy", "copy a file to a known device using scp"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        check_ssh_target(job, block(), errors);
        need_program("ssh", "openssh-client", errors);
        const auto key = configured_key(job);
        if (key && !std::filesystem::exists(*key)) {
            errors.push_back("Cannot find SSH private key " + key->string() +
                             "; the device's actions.deploy.methods.ssh.identity_file must name a key of this host");
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto overlay = job.state(ns()).overlay;
        if (!overlay) {
            throw JobError{"scp-deploy: could not find details of 'overlay': no deploy of namespace '" + ns() +
                           "' made one; add a deploy with 'to: ssh' before this boot"};
        }
        co_await connect(job, deadline);
        const auto file = job.directory / ("overlay-" + level() + ".tar.gz");
        auto pack = [overlay, file](const StopFlag& stop) {
            write_tar_gz(overlay->tree(), file, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(pack));
        const auto folder = job.results_directory(ns());
        const auto making = "mkdir -p " + folder;
        const auto target = co_await target_of(job, deadline);
        const int made =
            co_await run_on_target(job.console(block()), name(), making, deadline.at_most(connection_timeout()));
        if (made != 0) refuse(target, failure_on_target(name(), making, made) + "; the log has what it said");
        shared_->copied = folder + "/" + file.filename().string();
        co_await copy(job, target, file, deadline);
        report("success", "ssh deployment");
    }

private:
    Task<> copy(JobContext& job, const SshTarget& target, std::filesystem::path file, Deadline deadline) {
        Command command;
        command.argv = scp_words(target.login, file.string(), shared_->copied);
        job.log.info("Copying overlay using " + join_words(command.argv));
        auto again = command;
        auto output = co_await run_logged(job, std::move(command), deadline);
        if (output.exit_code != 0 && lacks_sftp(output.text)) {
            job.log.info("its ssh server has no sftp; copying as scp did before that");
            again.argv.insert(again.argv.begin() + 1, "-O");
            output = co_await run_logged(job, std::move(again), deadline);
        }
        if (output.exit_code == 0) co_return;
        auto text = why(target, output.text);
        if (text.empty()) {
            text = "scp ended with return code " + std::to_string(output.exit_code) + ": '" +
                   std::string{last_line(output.text)} +
                   "'; has its file system room for the overlay, and does it have sftp-server or scp?";
        }
        refuse(target, "Unable to copy overlay to " + shared_->copied + ": " + text);
    }

    static bool lacks_sftp(std::string_view said) {
        return said.find("subsystem request failed") != std::string_view::npos ||
               said.find("sftp-server") != std::string_view::npos;
    }
};

/// prepare-ssh: LAVA determines here whose address it is.
class PrepareSsh final : public Action {
public:
    explicit PrepareSsh(SshBootPtr shared)
        : Action{"prepare-ssh", "determine which address to use for primary or secondary connections"},
          shared_{std::move(shared)} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        job.log.debug("The target is " + ssh_target(job, shared_->guest).name());
        co_return;
    }

private:
    SshBootPtr shared_;
};

/// scp-overlay-unpack
class ScpOverlayUnpack final : public Action {
public:
    explicit ScpOverlayUnpack(SshBootPtr shared)
        : Action{"scp-overlay-unpack", "unpack the overlay over an existing ssh connection"},
          shared_{std::move(shared)} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& console = job.console(block());
        const auto limit = deadline.at_most(connection_timeout());
        const std::string flags{tar_flags(job.os_of(ns()))};
        const auto unpacking = "tar " + flags + (flags.empty() ? "" : " ") + "-C / -xzf " + shared_->copied;
        const int unpacked = co_await run_on_target(console, name(), unpacking, limit);
        if (unpacked != 0) {
            const auto target = ssh_target(job, shared_->guest);
            raise(target.at_fault, target.name() + ": " + failure_on_target(name(), unpacking, unpacked) +
                                       "; the log has what it said: are there tar and gzip, and room for the overlay?");
        }
        // The machine outlives the job, and its disk would fill.
        co_await console.command("rm -f " + shared_->copied, limit);
    }

private:
    SshBootPtr shared_;
};

class LoginSsh final : public RetryAction {
public:
    LoginSsh() : RetryAction{"login-ssh", "connect over ssh and ensure a shell is found"} {
        const auto shared = std::make_shared<SshBoot>();
        add<ScpDeploy>(shared);
        add<PrepareSsh>(shared);
        add<ConnectSsh>(shared);
        add(make_auto_login(Booting::logged_in));
        add(make_expect_shell());
        add(make_export_device_env());
        add<ScpOverlayUnpack>(shared);
    }
};

}  // namespace

ActionPtr build_boot_ssh(const ActionBlock&, const JobContext&) { return std::make_unique<LoginSsh>(); }

}  // namespace patchbay
