// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boards that take their images by Android's fastboot (lava_dispatcher/actions/deploy/fastboot.py, boot/fastboot.py).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/actions/container.hpp"

namespace patchbay {

ActionPtr build_deploy_fastboot(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_fastboot(const ActionBlock& block, const JobContext& job);
/// deploy: {to: download}: the old way to fetch files, which puts the board into fastboot first.
ActionPtr build_deploy_download(const ActionBlock& block, const JobContext& job);

/// A step that runs fastboot or adb, on this host or in the block's container.
/// When its time is over, the board is switched off: it may be half written.
class FastbootStep : public Action {
public:
    using Action::Action;
    Task<> validate(JobContext& job, std::vector<std::string>& errors) override;

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }
    Task<> timed_out(JobContext& job) override;

    /// Runs `argv`; `folder` is what a container sees of this host. Returns what it printed.
    /// Throws: InfrastructureError "Unable to run: [...]".
    Task<std::string> run_tool(JobContext& job, std::vector<std::string> argv, std::string folder, Deadline deadline);
    /// fastboot -s <serial> `arguments` <the device's options>.
    Task<std::string> fastboot(JobContext& job, std::vector<std::string> arguments, std::string folder,
                               Deadline deadline);
};

/// The device's fastboot_serial_number, or the one that detect-fastboot-device has found. Empty: not known (yet).
std::string fastboot_serial(const JobContext& job);
std::string adb_serial(const JobContext& job);
/// `fastboot_via_uboot`, `fastboot_auto_detection`.
bool device_flag(const JobContext& job, std::string_view key);

/// Each job has its own server of adb, at a socket in its folder: one that was started by another job, or for another
/// user, would go on with what that one has opened. Who starts it calls stop_adb() in its cleanup.
std::map<std::string, std::string> adb_environment(const JobContext& job);
/// Stops it, if its socket is there. Never throws.
Task<> stop_adb(JobContext& job);

/// wait-device-boardid for the serial number that fastboot uses.
ActionPtr make_wait_fastboot(const JobContext& job);
ActionPtr make_enter_fastboot();
/// uboot-enter-fastboot: reset-device, bootloader-interrupt, then the device's commands.
ActionPtr make_uboot_enter_fastboot(const JobContext& job);
ActionPtr make_detect_fastboot();
/// fastboot-reboot, fastboot-reboot-bootloader, fastboot-reboot-fastboot: the name says what is rebooted into.
ActionPtr make_fastboot_reboot(std::string action);
/// connect-adb and adb-overlay-unpack, for boards without another console.
ActionPtr make_connect_adb();
ActionPtr make_adb_overlay_unpack();

}  // namespace patchbay
