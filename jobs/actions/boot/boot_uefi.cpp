// SPDX-License-Identifier: Apache-2.0
// boot: {method: uefi}: by the shell of the firmware; {method: uefi-menu}: by its menus
// (lava_dispatcher/actions/boot/{uefi,uefi_menu}.py).
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/bootloader/menu_actions.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

/// The menu by which the shell is reached: of the block, else of the device; "" says that there is none.
std::string shell_menu(const ActionBlock& block, const JobContext& job) {
    if (const auto* own = block.parameters.find("shell_menu")) return config::string_or_empty(own);
    return LoaderSettings{job, "uefi"}.text("shell_menu");
}

class UefiShell final : public RetryAction {
public:
    UefiShell(const ActionBlock& block, const JobContext& job)
        : RetryAction{"uefi-shell-main-action", "run UEFI shell to system"} {
        add(make_bootloader_overlay());
        add(make_menu_connection("menu-connect"));
        add(make_reset_device(job));
        if (const auto menu = shell_menu(block, job); !menu.empty()) {
            add(make_menu_interrupt("uefi-shell-menu-interrupt", "uefi"));
            add(make_menu_selector({"uefi-shell-menu-selector", "uefi", menu, "menu_prompt", "menu_boot_message"}));
        }
        add(make_menu_interrupt("uefi-shell-interrupt", "uefi", "shell_interrupt_prompt", "shell_interrupt_string"));
        add(make_bootloader_commands());
        add_boot_tail(*this, block, job);
    }
};

class UefiMenu final : public RetryAction {
public:
    UefiMenu(const ActionBlock& block, const JobContext& job)
        : RetryAction{"uefi-menu-action", "interact with uefi menu"} {
        const auto name = config::text_or_empty(block.parameters.find("commands"));
        const MenuChoice choice{"uefi-menu-selector", "uefi-menu", name, "bootloader_prompt", "boot_message"};
        add(make_menu_check(choice));
        if (name.find("fastboot") == std::string::npos) {  // that way the board was started already
            add(make_menu_connection("menu-connect"));
            add(make_reset_device(job));
        }
        add(make_menu_interrupt("uefi-menu-interrupt", "uefi-menu"));
        add(make_menu_selector(choice));
        add(make_menu_connection("menu-reset"));
        add(make_auto_login());
        add(make_export_device_env());
    }
};

}  // namespace

ActionPtr build_boot_uefi(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<UefiShell>(block, job);
}

ActionPtr build_boot_uefi_menu(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<UefiMenu>(block, job);
}

}  // namespace patchbay
