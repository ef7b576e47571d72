// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "devices/description.hpp"
#include "jobs/portable/recipe.hpp"

namespace patchbay {

/// What stands in boot commands where a job's boot_arguments go. A dictionary is rendered with it as the context's
/// `extra_kernel_args`, which shows whether its template uses them.
inline constexpr std::string_view boot_arguments_place = "{BOOT_ARGUMENTS}";

/// What a device's own file says about how its type boots: its boot and deploy methods, and the kernel formats that it
/// has addresses for. Left empty is what it does not say; a recipe in lab.yaml can. `type` is the name of the device
/// type.
Recipe recipe_of_device(const DeviceDescription& device, const std::string& type);

}  // namespace patchbay
