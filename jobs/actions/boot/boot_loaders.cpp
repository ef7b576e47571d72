// SPDX-License-Identifier: Apache-2.0
// boot: {method: barebox}, {method: ipxe}: boot loaders that are stopped, told what to boot, and waited for
// (lava_dispatcher/actions/boot/{barebox,ipxe,bootloader_defaults}.py); {method: bootloader}: one that stays there.
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class LoaderRetry final : public RetryAction {
public:
    LoaderRetry(std::string name, const ActionBlock& block, const JobContext& job)
        : RetryAction{std::move(name), "stop the boot loader, boot by its commands"} {
        add(make_reset_device(job));
        add(make_bootloader_interrupt());
        add(make_bootloader_commands());
        add_boot_tail(*this, block, job);
    }
};

class LoaderAction final : public Action {
public:
    LoaderAction(const std::string& prefix, const ActionBlock& block, const JobContext& job)
        : Action{prefix + "-action", "interactive boot loader"} {
        add(make_bootloader_overlay());
        add(make_connect_device());
        add<LoaderRetry>(prefix + "-retry", block, job);
    }
};

class BootBootloader final : public Action {
public:
    BootBootloader(const ActionBlock& block, const JobContext& job)
        : Action{"boot-bootloader", "boot to a boot loader's prompt"} {
        if (is_set(block, "reset_connection", true)) {
            add(make_reset_connection());
        } else {
            add(make_connect_device());
        }
        if (is_set(block, "reset", true) && is_set(block, "reset_device", true)) add(make_reset_device(job));
        add(make_bootloader_interrupt());
        add(make_bootloader_commands(Final::not_awaited));
    }
};

class BootBootloaderRetry final : public RetryAction {
public:
    BootBootloaderRetry(const ActionBlock& block, const JobContext& job)
        : RetryAction{"boot-bootloader-retry", "boot to a boot loader's prompt, again if it fails"} {
        add(make_bootloader_overlay());
        add(make_boot_bootloader(block, job));
    }
};

}  // namespace

ActionPtr build_boot_barebox(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<LoaderAction>("barebox", block, job);
}

ActionPtr build_boot_ipxe(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<LoaderAction>("bootloader", block, job);
}

ActionPtr make_boot_bootloader(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<BootBootloader>(block, job);
}

ActionPtr build_boot_bootloader(const ActionBlock& block, const JobContext& job) {
    const auto* loader = block.parameters.find("bootloader");
    if (!loader || !loader->as_string() || !job.description.boot_methods.contains(*loader->as_string())) {
        throw JobError{"boot method bootloader: '" + config::text_or_empty(loader) +
                       "' is not in the device's boot methods; 'bootloader' names one of them"};
    }
    return std::make_unique<BootBootloaderRetry>(block, job);
}

}  // namespace patchbay
