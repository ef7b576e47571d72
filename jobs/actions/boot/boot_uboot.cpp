// SPDX-License-Identifier: Apache-2.0
// boot: {method: u-boot} (lava_dispatcher/actions/boot/u_boot.py).
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/bootloader/uboot_ums.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class UbootCommands final : public Action {
public:
    UbootCommands(const ActionBlock& block, const JobContext& job) : Action{"uboot-commands", "uboot commands"} {
        const LoaderSettings loader{job, block};
        if (is_set(block, "reset", true)) add(make_reset_device(job));
        add(make_bootloader_interrupt());
        if (loader.flag("uboot_ums_flash", false)) {
            add(make_bootloader_commands(Final::not_awaited));
            add(make_wait_mass_storage());
            add(make_flash_uboot_ums());
            add(make_reset_device(job));
            add_boot_tail(*this, block, job);
            return;
        }
        if (loader.flag("uboot_altbank", false)) {
            add(make_altbank_commands());
            add(make_bootloader_interrupt());
        }
        add(make_bootloader_commands());
        add_boot_tail(*this, block, job);
    }
};

class UbootAction final : public RetryAction {
public:
    UbootAction(const ActionBlock& block, const JobContext& job) : RetryAction{"uboot-action", "pass uboot commands"} {
        add(make_from_media("uboot-from-media"));
        add(make_bootloader_overlay());
        add(make_connect_device());
        add<UbootCommands>(block, job);
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (block().parameters.contains("type")) {
            job.log.warning("'type' in a boot action is deprecated; give the kernel of the deploy action its type");
        }
        co_await Action::validate(job, errors);
    }
};

}  // namespace

ActionPtr build_boot_uboot(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<UbootAction>(block, job);
}

}  // namespace patchbay
