// SPDX-License-Identifier: Apache-2.0
// deploy: {to: vemsd}: the firmware of a Versatile Express or Juno. Its controller (MCC) is told on the console to show
// its drive, and afterwards to erase the flash, so that the new firmware is taken from the drive.
#include <array>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/usb_drives.hpp"
#include "jobs/actions/vexpress/vexpress.hpp"

namespace patchbay {
namespace {

/// A step that speaks with the controller. What it asks for are keys of the device's deploy method.
class ControllerStep : public Action {
public:
    ControllerStep(std::string action, std::string summary, std::vector<std::string> keys)
        : Action{std::move(action), std::move(summary)}, keys_{std::move(keys)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto& key : keys_) {
            if (!setting(job, key).empty()) continue;
            errors.push_back("the device's actions.deploy.methods.vemsd.parameters has no '" + key + "'; " + name() +
                             " needs it to speak with the board's controller");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    static std::string setting(const JobContext& job, std::string_view key) {
        return config::text_or_empty(vexpress_parameters(job, "vemsd").find(key));
    }

    /// Which of `awaited` came. Throws: InfrastructureError, none by `limit`.
    Task<std::size_t> await(JobContext& job, std::vector<std::string> awaited, Deadline limit) {
        job.log.debug(name() + ": Wait for prompt " + python_list(awaited));
        const auto patterns = PatternSet::of(awaited);
        const auto match = co_await job.console(block()).wait_some(patterns, limit);
        if (match) co_return match->index;
        throw InfrastructureError{name() + ": the board's controller said none of " + python_list(awaited) +
                                  "; the log has what it said instead. Is the board on, and is this the console of "
                                  "its controller?"};
    }

    /// Types a line, and awaits what the controller says then.
    Task<> ask(JobContext& job, std::string line, std::string awaited, Deadline limit) {
        co_await job.console(block()).send_line(std::move(line));
        std::vector<std::string> all{std::move(awaited)};
        co_await await(job, std::move(all), limit);
    }

private:
    std::vector<std::string> keys_;
};

class EnterMcc final : public ControllerStep {
public:
    EnterMcc()
        : ControllerStep{
              "enter-vexpress-mcc", "bring the board's controller to its prompt", {"mcc_prompt", "autorun_prompt"}} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto limit = deadline.at_most(connection_timeout());
        const auto prompt = setting(job, "mcc_prompt");
        std::vector<std::string> first{setting(job, "autorun_prompt"), prompt};
        // What a controller says that went on to start the board.
        if (const auto gone = setting(job, "mcc_reset_msg"); !gone.empty()) first.push_back(gone);
        auto second = first;
        second.erase(second.begin());
        auto seen = co_await await(job, std::move(first), limit);
        if (seen == 0) {
            job.log.debug("Autorun enabled: interrupting");
            co_await job.console(block()).send_line(setting(job, "interrupt_char"));
            seen = 1 + co_await await(job, std::move(second), limit);
        }
        if (seen == 2) {
            throw InfrastructureError{
                "MCC: Unable to interrupt auto-run: the controller went on to start the board; is 'interrupt_char' of "
                "actions.deploy.methods.vemsd.parameters what it waits for?"};
        }
    }
};

class EnableMassStorage final : public ControllerStep {
public:
    EnableMassStorage()
        : ControllerStep{
              "enable-vexpress-usbmsd", "have the controller show its drive", {"mcc_prompt", "msd_mount_cmd"}} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        co_await ask(job, setting(job, "msd_mount_cmd"), setting(job, "mcc_prompt"),
                     deadline.at_most(connection_timeout()));
    }
};

class EraseFlash final : public ControllerStep {
public:
    EraseFlash()
        : ControllerStep{"erase-vexpress-flash",
                         "have the controller erase the flash",
                         {"mcc_prompt", "flash_prompt", "flash_enter_cmd", "flash_erase_cmd", "flash_erase_msg",
                          "flash_exit_cmd"}} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto answer = [&] { return deadline.at_most(connection_timeout()); };
        const auto flash = setting(job, "flash_prompt");
        co_await ask(job, setting(job, "flash_enter_cmd"), flash, answer());
        co_await ask(job, setting(job, "flash_erase_cmd"), setting(job, "flash_erase_msg"), answer());
        // All of a board's flash takes minutes.
        std::vector<std::string> erased{flash};
        co_await await(job, std::move(erased), deadline);
        co_await ask(job, setting(job, "flash_exit_cmd"), setting(job, "mcc_prompt"), answer());
    }
};

class VexpressRetry final : public RetryAction {
public:
    VexpressRetry() : RetryAction{"vexpress-fw-deploy-retry", "write the board's firmware, again if it fails"} {}
};

class VexpressDeploy final : public Action {
public:
    VexpressDeploy() : Action{"vexpress-fw-deploy", "write the board's firmware"} {}
};

}  // namespace

ActionPtr build_deploy_vemsd(const ActionBlock& block, const JobContext& job) {
    const auto* image = block.parameters.find("recovery_image");
    if (!image || !image->as_map()) throw JobError{"deploy to vemsd needs 'recovery_image', the url of an archive"};
    const auto board = vexpress_drive(job, "vemsd");
    auto retry = std::make_unique<VexpressRetry>();
    auto& deploy = retry->add<VexpressDeploy>();
    deploy.add(make_tool_image("recovery_image", *image, "vexpress-fw-deploy"));
    deploy.add(make_connect_device());
    deploy.add(make_reset_device(job));
    deploy.add(make_extract_recovery_image(board));
    deploy.add<EnterMcc>();
    deploy.add<EnableMassStorage>();
    deploy.add(make_wait_drive("wait-usb-mass-storage-device", board->drive));
    deploy.add(make_unmounted("mount-vexpress-usbmsd"));
    deploy.add(make_deploy_recovery_image(board));
    deploy.add(make_unmounted("unmount-vexpress-usbmsd"));
    deploy.add<EraseFlash>();
    return retry;
}

}  // namespace patchbay
