// SPDX-License-Identifier: Apache-2.0
// Which boot methods there are, and what each needs of the device.
#include <array>

#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/boot/qemu_machine.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/not_available.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/qdl/qdl.hpp"
#include "jobs/actions/usb_drives.hpp"
#include "jobs/actions/uuu/uuu.hpp"

namespace patchbay {
namespace {

struct BootMethod {
    std::string_view name;
    std::string_view of_device;  ///< which of the device's boot methods it needs; "": none
    ActionPtr (*build)(const ActionBlock&, const JobContext&);
    /// Why the device cannot do it all the same; empty: it can. nullptr: nothing else is asked.
    std::string (*objection)(const config::Map& methods_of_device) = nullptr;
};

/// A name may stand here several times: the first row that the device fits is taken.
constexpr std::array methods{
    BootMethod{"qemu", "qemu", build_boot_qemu},
    BootMethod{"monitor", "qemu", build_boot_qemu},
    BootMethod{"minimal", "minimal", build_boot_minimal},
    BootMethod{"u-boot", "u-boot", build_boot_uboot},
    BootMethod{"barebox", "barebox", build_boot_barebox},
    BootMethod{"ipxe", "ipxe", build_boot_ipxe},
    BootMethod{"bootloader", "", build_boot_bootloader},
    BootMethod{"grub", "", build_boot_grub_sequence, objection_to_grub_sequence},
    BootMethod{"grub", "", build_boot_grub, objection_to_grub},
    BootMethod{"grub-efi", "", build_boot_grub_sequence, objection_to_grub_sequence},
    BootMethod{"grub-efi", "", build_boot_grub, objection_to_grub},
    BootMethod{"depthcharge", "depthcharge", build_boot_depthcharge},
    BootMethod{"uefi", "uefi", build_boot_uefi},
    BootMethod{"uefi-menu", "uefi-menu", build_boot_uefi_menu},
    BootMethod{"new_connection", "", build_boot_new_connection},
    BootMethod{"kexec", "", build_boot_kexec},
    BootMethod{"qemu-nfs", "qemu-nfs", build_boot_qemu},
    BootMethod{"qemu-iso", "qemu", build_boot_qemu_iso},
    BootMethod{"fastboot", "fastboot", build_boot_fastboot},
    BootMethod{"recovery", "", build_boot_recovery},
    BootMethod{"docker", "docker", build_boot_docker},
    BootMethod{"fvp", "fvp", build_boot_fvp},
    BootMethod{"openocd", "openocd", build_boot_openocd},
    BootMethod{"pyocd", "pyocd", build_boot_pyocd},
    BootMethod{"jlink", "jlink", build_boot_jlink},
    BootMethod{"dfu", "dfu", build_boot_dfu},
    BootMethod{"gdb", "gdb", build_boot_gdb},
    BootMethod{"qdl", "qdl", build_boot_qdl},
    BootMethod{"uuu", "uuu", build_boot_uuu},
    BootMethod{"musca", "musca", build_boot_musca},
    BootMethod{"cmsis-dap", "cmsis-dap", build_boot_cmsis},
    BootMethod{"ssh", "ssh", build_boot_ssh},
};

/// Why this row is not for the block; empty: it is.
std::string objection(const BootMethod& candidate, const std::string* method, const config::Map& of_device) {
    const std::string name{candidate.name};
    if (!method || *method != candidate.name) return "\"method\" was not \"" + name + "\"";
    if (!candidate.of_device.empty() && !of_device.contains(candidate.of_device)) {
        return "\"" + std::string{candidate.of_device} + "\" is not in the device's boot methods";
    }
    return candidate.objection ? candidate.objection(of_device) : std::string{};
}

}  // namespace

ActionPtr build_boot(const ActionBlock& block, const JobContext& job) {
    const auto* value = block.parameters.find("method");
    const auto* method = value ? value->as_string() : nullptr;
    if (const auto missing = method ? missing_boot_method(*method) : ""; !missing.empty()) throw JobError{missing};
    std::vector<std::string> reasons, of_the_method;
    for (const auto& candidate : methods) {
        const auto reason = objection(candidate, method, job.description.boot_methods);
        if (reason.empty()) return candidate.build(block, job);
        auto& list = method && *method == candidate.name ? of_the_method : reasons;
        list.push_back(std::string{candidate.name} + ": " + reason);
    }
    if (!of_the_method.empty()) reasons = std::move(of_the_method);  // the others are no answer to what was asked
    throw_no_strategy("boot", reasons);
}

void throw_no_strategy(std::string_view kind, const std::vector<std::string>& reasons) {
    std::string text =
        "None of the Base-" + std::string{kind} + " strategies accepted your deployment parameters, reasons given:";
    for (const auto& reason : reasons) text += "\n" + reason;
    throw JobError{text};
}

}  // namespace patchbay
