// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands for a boot loader: placeholders become file names and addresses (lava_dispatcher, bootloader-overlay and
// lava_dispatcher/utils/strings.py). Pure.

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay {

/// What placeholders stand for, in the order in which they are replaced. The names have no braces; "": there is no
/// value.
using BootValues = std::vector<std::pair<std::string, std::string>>;

enum class Missing {
    drops_command,      ///< a command with a placeholder without a value is left out
    keeps_placeholder,  ///< it stays as it is
    drops_placeholder,  ///< only the placeholder goes
};

/// Placeholders that are not in `values` stay as they are.
std::vector<std::string> substitute_commands(const std::vector<std::string>& commands, const BootValues& values,
                                             Missing missing);

/// Addresses as the device's `parameters` gives them for one boot command, and what is there to load.
struct BootxParts {
    std::string command;  ///< booti, bootm, bootz
    std::string kernel, ramdisk, dtb, tee;
    bool has_ramdisk = false;
    bool has_tee = false;
    bool sized = false;  ///< the ramdisk has no header: U-Boot must be told its size
};

/// Fills in {BOOT_ARGUMENTS}, which may be empty and drops no command.
std::vector<std::string> with_boot_arguments(std::vector<std::string> commands, const std::string& arguments);

/// "booti 0x40080000 0x4FF00000:${initrd_size} 0x4FA00000". Without a ramdisk a bare '-' stands in its place: LAVA also
/// writes "-:${initrd_size}", which U-Boot takes for a ramdisk.
std::string bootx(const BootxParts& parts);

/// `{APPLY_DTBO_COMMANDS}` becomes `apply` once for each overlay, with {DTBO} naming that one; nothing without
/// overlays.
std::vector<std::string> expand_overlays(const std::vector<std::string>& commands,
                                         const std::vector<std::string>& apply, std::size_t overlays);

}  // namespace patchbay
