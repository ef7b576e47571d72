// SPDX-License-Identifier: Apache-2.0
#pragma once
// Drivers that run a program. docs/drivers/command.md has the keys.

#include "drivers/builtin.hpp"
#include "drivers/switch.hpp"

namespace patchbay {

/// A supply, an outlet or a line that programs switch: `on`, `off` and perhaps `status`.
SwitchPtr make_command_switch(const DriverRequest& request);

/// A program in a terminal of its own, whose output is the board's console and whose input the board's keyboard.
DriverPtr make_command_console(const DriverRequest& request);

/// The same of ssh: docs/drivers/ssh.md.
DriverPtr make_ssh_console(const DriverRequest& request);

/// What these two are. `description`: for messages.
DriverPtr make_program_console(std::vector<std::string> argv, std::string description, const DriverRequest& request);

}  // namespace patchbay
