// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps between a board on the bench and a boot loader or shell that answers
// (lava_dispatcher/connections/serial.py, power.py).

#include "jobs/actions/action.hpp"

namespace patchbay {

/// connect-device: the console of the device becomes that of the block's namespace.
ActionPtr make_connect_device();

/// reset-device: the supply is cycled where the lab can (pdu-reboot), else the system is asked to reboot
/// (send-reboot-commands).
ActionPtr make_reset_device(const JobContext& job);

/// pre-power-command, pre-os-command: a command of the device's file.
ActionPtr make_device_command(std::string action, std::string command, std::string failure);

}  // namespace patchbay
