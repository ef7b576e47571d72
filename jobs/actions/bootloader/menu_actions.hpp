// SPDX-License-Identifier: Apache-2.0
#pragma once
// The menus of a firmware, on the way to a boot loader or a system (lava_dispatcher/actions/boot/uefi_menu.py).

#include <string>

#include "jobs/actions/action.hpp"

namespace patchbay {

/// Which of the device's menus is walked through, and as which step.
struct MenuChoice {
    std::string action;                            ///< uefi-menu-selector, ...
    std::string method;                            ///< the boot method that holds menu and markup
    std::string menu;                              ///< its name there; "": the device has none
    std::string prompt_key = "bootloader_prompt";  ///< the parameter that says what the first menu ends with
    std::string boot_message_key = {};             ///< the one that says what is awaited at the end; "": nothing
};

/// uefi-commands: checks the menu before anything is touched.
ActionPtr make_menu_check(MenuChoice choice);
/// Waits for the firmware's question and answers it. `method`: the boot method that has both.
ActionPtr make_menu_interrupt(std::string action, std::string method, std::string prompt_key = "interrupt_prompt",
                              std::string string_key = "interrupt_string");
ActionPtr make_menu_selector(MenuChoice choice);

}  // namespace patchbay
