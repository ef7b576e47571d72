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

/// The format, and what it tells about the processor.
void read_kernel_format(const DeviceDescription& device, Recipe& recipe) {
    if (has_addresses(device, "booti")) {
        recipe.kernel_type = "image";
        recipe.architecture = "arm64";
    } else if (has_addresses(device, "bootz")) {
        recipe.kernel_type = "zimage";
        recipe.architecture = "arm";
    } else if (has_addresses(device, "bootm")) {
        recipe.kernel_type = "uimage";
        recipe.architecture = "arm";
    }
}

/// Does every set of commands for these roots have the place?
bool has_place_for_arguments(const DeviceDescription& device, const Recipe& recipe) {
    const auto* options = device.boot_methods.find(recipe.method);
    return std::ranges::all_of(recipe.roots, [&](Root root) {
        const auto* set = options ? options->find(to_string(root)) : nullptr;
        return set && config::python_str(*set).find("{BOOT_ARGUMENTS}") != std::string::npos;
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

Recipe recipe_of_device(const DeviceDescription& device, const std::string& type, bool rendered) {
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
        recipe.takes_arguments = rendered || has_place_for_arguments(device, recipe);
        if (method == "u-boot") read_kernel_format(device, recipe);
        const auto* mkimage = device.deploy_parameters.find("mkimage_arch");
        if (mkimage && mkimage->as_string()) recipe.architecture = *mkimage->as_string();
        if (recipe.architecture.empty() && (method == "ipxe" || method == "grub")) recipe.architecture = "x86_64";
        return recipe;
    }
    return recipe;
}

}  // namespace patchbay
