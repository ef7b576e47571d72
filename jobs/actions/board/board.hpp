// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps between a board on the bench and a boot loader or shell that answers
// (lava_dispatcher/connections/serial.py, power.py).

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
/// power-off, as a step of a boot.
ActionPtr make_power_off();

/// pre-power-command, pre-os-command: a command of the device's file.
ActionPtr make_device_command(std::string action, std::string command, std::string failure);

}  // namespace patchbay
