// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/recipe_of_device.hpp"

#include <algorithm>
#include <array>

namespace patchbay {
namespace {

/// Boot methods that can be told what to boot, in the order in which a device that has several is asked.
constexpr std::array<std::string_view, 6> network_methods{"u-boot",      "grub", "barebox",
                                                          "depthcharge", "ipxe", "grub-efi"};

bool has_addresses(const DeviceDescription& device, std::string_view command) {
    const auto* addresses = device.parameters.find(command);
    return addresses && addresses->find("kernel");
}

/// By the boot commands that have addresses; templates give booti to 32-bit boards, too, so mkimage_arch goes before.
std::string_view architecture_by_addresses(const DeviceDescription& device) {
    if (has_addresses(device, "booti")) return "arm64";
    return has_addresses(device, "bootz") || has_addresses(device, "bootm") ? "arm" : "";
}

/// What a build of the kernel leaves for the architecture. A device that has addresses for bootm alone gets it as a
/// uImage: the deploy converts it.
std::string_view kernel_type_of(std::string_view architecture) {
    if (architecture == "arm64" || architecture == "riscv64") return "image";
    return architecture == "arm" ? "zimage" : "uimage";
}

/// mkimage has one word for both of RISC-V.
std::string architecture_of(const DeviceDescription& device, std::string_view method) {
    const auto* mkimage = device.deploy_parameters.find("mkimage_arch");
    if (mkimage && mkimage->as_string()) return *mkimage->as_string() == "riscv" ? "riscv64" : *mkimage->as_string();
    if (method == "u-boot") return std::string{architecture_by_addresses(device)};
    // GRUB boots arm64 servers as well: only the lab knows. Depthcharge's images for all but x86 name theirs.
    return method == "ipxe" || method == "depthcharge" ? "x86_64" : "";
}

/// Does every set of commands for these roots have the place? A dictionary was rendered with the place as the argument.
bool has_place_for_arguments(const DeviceDescription& device, const Recipe& recipe) {
    const auto* options = device.boot_methods.find(recipe.method);
    return std::ranges::all_of(recipe.roots, [&](Root root) {
        const auto* set = options ? options->find(to_string(root)) : nullptr;
        return set && config::python_str(*set).find(boot_arguments_place) != std::string::npos;
    });
}

std::vector<Root> roots_of(const DeviceDescription& device, std::string_view method) {
    std::vector<Root> roots;
    const auto* options = device.boot_methods.find(method);
    if (options && options->find("ramdisk")) roots.push_back(Root::ramdisk);
    if (options && options->find("nfs")) roots.push_back(Root::nfs);
    return roots;
}

}  // namespace

Recipe recipe_of_device(const DeviceDescription& device, const std::string& type) {
    Recipe recipe;
    recipe.name = type;
    recipe.device_type = type;
    for (const auto& entry : device.hardware) {
        if (std::ranges::find(recipe.capabilities, entry.kind) == recipe.capabilities.end()) {
            recipe.capabilities.push_back(entry.kind);
        }
    }
    for (const auto method : network_methods) {
        if (!device.boot_methods.contains(method)) continue;
        recipe.method = method;
        recipe.roots = roots_of(device, method);
        recipe.takes_arguments = has_place_for_arguments(device, recipe);
        recipe.architecture = architecture_of(device, method);
        if (method == "u-boot" && !recipe.architecture.empty())
            recipe.kernel_type = kernel_type_of(recipe.architecture);
        return recipe;
    }
    return recipe;
}

}  // namespace patchbay
