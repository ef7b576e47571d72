// SPDX-License-Identifier: Apache-2.0
// What comes before uuu: is the board in the download mode of its ROM, and if not, how does it get there?
#include <algorithm>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/uuu/uuu.hpp"

namespace patchbay {
namespace {

/// bootloader-overlay: what is typed at U-Boot's prompt is the lab's, not the job's.
class LabCommands final : public Action {
public:
    explicit LabCommands(std::vector<std::string> commands)
        : Action{"bootloader-overlay", "commands of the lab for the boot loader"}, commands_{std::move(commands)} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        job.state(ns()).loader.commands = commands_;
        co_return;
    }

private:
    std::vector<std::string> commands_;
};

/// To U-Boot's prompt and away again.
void add_uboot(Action& action, const ActionBlock& block, const JobContext& job, std::vector<std::string> commands) {
    action.add(make_connect_device());
    action.add<LabCommands>(std::move(commands));
    action.add(make_boot_bootloader(block, job));
    action.add(make_disconnect_device());
}

class CheckBootloaderValid final : public Action {
public:
    CheckBootloaderValid(const ActionBlock& block, const JobContext& job, UuuStatePtr state)
        : Action{"check-bootloader-valid", "look whether the boot loader answers as it is"}, state_{std::move(state)} {
        add_uboot(*this, block, job, {});
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        // A board without a boot loader says nothing, and that is no reason to wait for minutes.
        constexpr auto patience = 60s;
        try {
            co_await Action::run(job, deadline.at_most(patience));
            state_->loader_is_valid = true;
        } catch (const InfrastructureError&) {
            if (job.stopping()) throw;
            job.log.info("Start uuu flash due to no valid bootloader");
        }
    }

private:
    UuuStatePtr state_;
};

class CheckSerial final : public Action {
public:
    explicit CheckSerial(UuuStatePtr state)
        : Action{"check-serial-availability", "look whether the board's ROM takes a boot loader by USB"},
          state_{std::move(state)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        check_uuu(job, block(), errors);
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& images = job.state(ns()).images;
        const auto boot = std::ranges::find(images, "boot", &DeployedImage::key);
        if (boot == images.end()) {
            throw JobError{"no deploy to uuu of namespace '" + ns() +
                           "' has fetched an image 'boot', which the board's ROM is to start"};
        }
        auto argv = uuu_words(*state_);
        argv.push_back(boot->path.string());
        state_->rom_answers = co_await is_taken(job, std::move(argv), deadline);
        job.log.info(state_->rom_answers ? "Board available for usb serial download"
                                         : "Board not available in serial download mode, corrupting boot media");
    }

private:
    /// uuu waits for the board for ever.
    Task<bool> is_taken(JobContext& job, std::vector<std::string> argv, Deadline deadline) {
        // A board is on USB some five seconds after its reset, and has its boot loader after five more.
        constexpr auto patience = 15s;
        const auto call = argv;
        CommandOutput output;
        try {
            output = co_await run_uuu(job, block(), level(), std::move(argv), deadline.at_most(patience));
        } catch (const TimedOut&) {
            if (deadline.passed()) throw;
            co_return false;
        }
        if (output.exit_code != 0) throw InfrastructureError{uuu_failure(call, output)};
        co_return true;
    }

    UuuStatePtr state_;
};

class CorruptBootMedia final : public Action {
public:
    CorruptBootMedia(const ActionBlock& block, const JobContext& job, UuuStatePtr state)
        : Action{"boot-corrupt-boot-media", "have U-Boot erase what the board starts from"}, state_{std::move(state)} {
        const auto* off = uuu_option(job, "power_off_before_corrupt_boot_media");
        if (off && off->as_bool() && *off->as_bool()) add(make_power_off());
        add_uboot(*this, block, job, texts_of(uuu_option(job, "corrupt_boot_media_command")));
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!uuu_option(job, "corrupt_boot_media_command")) {
            errors.push_back(
                "boot.methods.uuu.options of the device has no 'corrupt_boot_media_command': what U-Boot is told so "
                "that the board's ROM waits for uuu, such as ['mmc dev 1', 'mmc erase 0 0x400']");
        }
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        if (!state_->rom_answers) co_await Action::run(job, deadline);
    }

private:
    UuuStatePtr state_;
};

}  // namespace

ActionPtr make_check_bootloader_valid(const ActionBlock& block, const JobContext& job, UuuStatePtr state) {
    return std::make_unique<CheckBootloaderValid>(block, job, std::move(state));
}
ActionPtr make_check_serial(UuuStatePtr state) { return std::make_unique<CheckSerial>(std::move(state)); }
ActionPtr make_corrupt_boot_media(const ActionBlock& block, const JobContext& job, UuuStatePtr state) {
    return std::make_unique<CorruptBootMedia>(block, job, std::move(state));
}

}  // namespace patchbay
