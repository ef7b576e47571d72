// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps between a board on the bench and a boot loader or shell that answers
// (lava_dispatcher/connections/serial.py, power.py).

#include "devices/capability/power.hpp"
#include "jobs/actions/action.hpp"

namespace patchbay {

/// connect-device: the console of the device becomes that of the block's namespace.
ActionPtr make_connect_device();
/// menu-connect, menu-reset: the same, and an empty line for what waits there.
ActionPtr make_menu_connection(std::string action);
/// connect-shell: one of the device's further consoles, as the block's `connection` names it, and an empty line.
ActionPtr make_connect_shell();
/// disconnect-device: the namespace has no console any more.
ActionPtr make_disconnect_device();
/// reset-connection: both, in turn.
ActionPtr make_reset_connection();

/// reset-device: the supply is cycled where the lab can (pdu-reboot), else the system is asked to reboot
/// (send-reboot-commands).
ActionPtr make_reset_device(const JobContext& job);

/// Can reset-device cut the supply of a board? A virtual machine has none in this sense.
bool is_resettable(const JobContext& job);

/// pdu-reboot: the part of it that cuts the supply.
ActionPtr make_pdu_reboot();
/// What pdu-reboot does to a board that is_resettable(). What the board has said before is no longer in its console.
Task<Switched> reboot_board(JobContext& job, std::string ns, Deadline deadline);

/// pre-power-command, pre-os-command: a command of the device's file. What becomes of a device that has none?
enum class IfMissing { refuse, skip };
ActionPtr make_device_command(std::string action, std::string command, std::string failure,
                              IfMissing if_missing = IfMissing::refuse);

/// power-off, power-on: the lab's commands, and the device's supply.
ActionPtr make_power_off();
ActionPtr make_power_on();
/// What power-off does. Throws: InfrastructureError; JobContext::power_off_failed is set then.
Task<> switch_off(JobContext& job, Deadline deadline);
/// What power-on does. Throws: InfrastructureError.
Task<> switch_on(JobContext& job, Deadline deadline);

/// read-feedback between two steps: logs what every console has said meanwhile.
ActionPtr make_read_feedback();

}  // namespace patchbay
