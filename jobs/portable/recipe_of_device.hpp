// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "devices/description.hpp"
#include "jobs/portable/recipe.hpp"

namespace patchbay {

/// What a device's own file says about how its type boots: its boot and deploy methods, and the kernel formats that it
/// has addresses for. Left empty is what it does not say; a recipe in lab.yaml can. `type` is the name of the device
/// type.
/// `rendered`: from a template, which sees the job's context.
Recipe recipe_of_device(const DeviceDescription& device, const std::string& type, bool rendered);

}  // namespace patchbay
