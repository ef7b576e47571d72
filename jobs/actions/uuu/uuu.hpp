// SPDX-License-Identifier: Apache-2.0
#pragma once
// NXP's i.MX boards: their ROM takes a boot loader by USB, from the program uuu, which then has that write the board's
// media; the program bcu sets the board's switches (lava_dispatcher/actions/boot/uuu.py).

#include <memory>
#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "core/process/run_command.hpp"
#include "jobs/actions/action.hpp"

namespace patchbay {

ActionPtr build_deploy_uuu(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_uuu(const ActionBlock& block, const JobContext& job);

/// What one try has found out.
struct UuuState {
    std::vector<std::string> usb_paths;  ///< where the board is plugged in, as uuu writes it: "1:14"
    std::string bcu_id;                  ///< the same for bcu: "2-1.3"
    bool loader_is_valid = false;        ///< so nothing is written
    bool rom_answers = false;            ///< the board is in the download mode of its ROM
};
using UuuStatePtr = std::shared_ptr<UuuState>;

/// A key of actions.boot.methods.uuu.options; nullptr: it is not there, or empty.
const config::Value* uuu_option(const JobContext& job, std::string_view key);
/// "uuu -m 1:14"
std::vector<std::string> uuu_words(const UuuState& state);
/// "bcu deinit -board=imx8dxlevk -id=2-1.3", of the words after "bcu".
std::vector<std::string> bcu_words(const JobContext& job, const UuuState& state, std::vector<std::string> words);

/// The protocol and the arguments of each of the block's commands. Throws: JobError, `commands` is no such list.
std::vector<std::pair<std::string, std::string>> uuu_commands(const ActionBlock& block);

/// Runs one of both programs, on this host or in the container that the block or the device names.
/// Throws: TimedOut; InfrastructureError, it cannot be started.
Task<CommandOutput> run_uuu(JobContext& job, const ActionBlock& block, std::string level, std::vector<std::string> argv,
                            Deadline deadline);
/// Adds what run_uuu() needs and is not there.
void check_uuu(const JobContext& job, const ActionBlock& block, std::vector<std::string>& errors);
/// Its failure, with the next step.
std::string uuu_failure(const std::vector<std::string>& argv, const CommandOutput& output);

/// check-bootloader-valid: does U-Boot answer as it is?
ActionPtr make_check_bootloader_valid(const ActionBlock& block, const JobContext& job, UuuStatePtr state);
/// check-serial-availability: does the board's ROM take a boot loader?
ActionPtr make_check_serial(UuuStatePtr state);
/// boot-corrupt-boot-media: has U-Boot erase where it starts from, so that the ROM finds nothing.
ActionPtr make_corrupt_boot_media(const ActionBlock& block, const JobContext& job, UuuStatePtr state);

}  // namespace patchbay
