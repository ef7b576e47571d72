// SPDX-License-Identifier: Apache-2.0
// Boards without a console of their own: Android's debug bridge is their shell.
#include "devices/program_console.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/overlay_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class AdbStep : public Action {
public:
    using Action::Action;

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        need_program("adb", "adb", errors);
        if (adb_serial(job).empty()) {
            errors.push_back("the device's adb_serial_number is unset; `adb devices` prints it");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    /// adb -s <serial> `arguments`
    static Command command(const JobContext& job, const std::vector<std::string>& arguments) {
        Command command;
        command.argv = {"adb", "-s", adb_serial(job)};
        command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
        command.environment = adb_environment(job);
        return command;
    }
};

class ConnectAdb final : public AdbStep {
public:
    ConnectAdb() : AdbStep{"connect-adb", "open a shell by adb"} {}

    Task<> cleanup(JobContext& job) override { co_await stop_adb(job); }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        Command server;
        server.argv = {"adb", "start-server"};
        server.environment = adb_environment(job);
        co_await run_program(job, std::move(server), deadline);
        auto wait = command(job, {"wait-for-device"});
        co_await run_program(job, std::move(wait), deadline);
        auto open = command(job, {"shell"});
        const auto shown = "adb -s " + adb_serial(job) + " shell";
        job.log.info("[" + ns() + "] " + name() + " Connecting to device using '" + shown + "'");
        auto console =
            std::make_unique<ProgramConsole>(co_await asio::this_coro::executor, std::move(open), "adb", shown);
        co_await console->open();
        job.attach_program(ns(), std::move(console)).prompts = {job.constant("default-shell-prompt", "lava-test: # ")};
    }
};

class AdbOverlayUnpack final : public AdbStep {
public:
    AdbOverlayUnpack() : AdbStep{"adb-overlay-unpack", "copy the overlay to the device by adb"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto overlay = job.state(ns()).overlay;
        if (!overlay) {
            job.log.debug("no overlay to copy");
            co_return;
        }
        const auto folder = co_await write_overlay_folder(job, *overlay, "adb-overlay-unpack-" + level());
        const auto source = (folder / "data/local/tmp").string();
        if (!fs::is_directory(source)) {
            throw JobError{"adb copies the overlay to /data/local/tmp, but the tests of this job live in '" +
                           overlay->settings().results_dir + "'; give the deploy 'os: android'"};
        }
        auto push = command(job, {"push", source, "/data/local"});
        co_await run_program(job, std::move(push), deadline);
        auto chmod = command(job, {"shell", "/system/bin/chmod", "-R", "0777", "/data/local/tmp"});
        co_await run_program(job, std::move(chmod), deadline);
    }
};

}  // namespace

ActionPtr make_connect_adb() { return std::make_unique<ConnectAdb>(); }
ActionPtr make_adb_overlay_unpack() { return std::make_unique<AdbOverlayUnpack>(); }

}  // namespace patchbay
