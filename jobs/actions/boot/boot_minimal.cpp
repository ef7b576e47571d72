// SPDX-License-Identifier: Apache-2.0
// boot: {method: minimal}: the board starts by itself, from what it has (lava_dispatcher/actions/boot/minimal.py).
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class BootMinimal final : public RetryAction {
public:
    BootMinimal() : RetryAction{"minimal-boot", "connect and reset device"} {}
};

}  // namespace

ActionPtr build_boot_minimal(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<BootMinimal>();
    boot->add(make_connect_device());
    if (is_set(block, "pre_power_command", false))
        boot->add(make_device_command("pre-power-command", "pre_power_command", "Unable to run pre-power: "));
    if (is_set(block, "pre_os_command", false))
        boot->add(make_device_command("pre-os-command", "pre_os_command", "Unable to run pre-os: "));
    if (is_set(block, "reset", true)) boot->add(make_reset_device(job));
    add_boot_tail(*boot, block, job);
    return boot;
}

}  // namespace patchbay
