// SPDX-License-Identifier: Apache-2.0
// boot: {method: cmsis-dap}: the images are copied onto the drive that a debug probe with DAPLink shows.
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/fat_drive.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/usb_drives.hpp"

namespace patchbay {
namespace {

const config::Value* parameter(const JobContext& job, std::string_view key) {
    const auto* method = job.description.boot_methods.find("cmsis-dap");
    const auto* parameters = method ? method->find("parameters") : nullptr;
    return parameters ? parameters->find(key) : nullptr;
}

bool is_set(const JobContext& job, std::string_view key, bool otherwise) {
    const auto* value = parameter(job, key);
    return value && value->as_bool() ? *value->as_bool() : otherwise;
}

FatDrive drive_of(const JobContext& job) { return FatDrive{config::text_or_empty(parameter(job, "usb_mass_device"))}; }

class FlashCmsis final : public Action {
public:
    FlashCmsis() : Action{"flash-cmsis", "copy the images onto the drive of the debug probe"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (is_unset_serial(device_value(job, "board_id"))) errors.push_back("board_id unset");
        drive_of(job).validate(errors);
        if (!settle_time(job)) {
            errors.push_back(
                "post_unmount_delay of boot method cmsis-dap must be a whole number of seconds, 0 or more");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto drive = drive_of(job);
        if (job.state(ns()).images.empty()) {
            throw JobError{"there is nothing to write: no deploy of namespace '" + ns() + "' has fetched an image"};
        }
        co_await drive.appear(job);
        const auto before = drive.mark(job);
        for (const auto& image : job.state(ns()).images) co_await drive.copy(job, image.path, deadline);
        // The probe takes the drive away when it has all of an image, and shows it again when it has written it.
        if (!is_set(job, "skip_autoremount_wait", false)) {
            co_await drive.appear(job, before);
            const auto refusal = co_await drive.refusal(job, deadline);
            if (refusal) {
                throw InfrastructureError{"Unsuccessful cmsis-dap boot: FAIL.TXT present after file copying: " +
                                          *refusal};
            }
        }
        co_await sleep_for(*settle_time(job));
    }

private:
    static std::optional<std::chrono::seconds> settle_time(const JobContext& job) {
        const auto* value = parameter(job, "post_unmount_delay");
        if (!value || value->is_null()) return std::chrono::seconds{1};
        const auto* number = value->as_int();
        if (!number || *number < 0 || *number > 3600) return std::nullopt;
        return std::chrono::seconds{*number};
    }
};

class BootCmsis final : public RetryAction {
public:
    BootCmsis() : RetryAction{"boot-cmsis-retry", "boot from the drive of the debug probe, again if it fails"} {}
};

}  // namespace

ActionPtr build_boot_cmsis(const ActionBlock&, const JobContext& job) {
    auto boot = std::make_unique<BootCmsis>();
    if (is_resettable(job)) {
        boot->add(make_reset_device(job));
        boot->add(make_wait_drive("wait-device-path", drive_of(job)));
    }
    boot->add<FlashCmsis>();
    if (is_set(job, "resets_after_flash", true)) boot->add(make_wait_usb_serial(job));
    boot->add(make_connect_device());
    return boot;
}

}  // namespace patchbay
