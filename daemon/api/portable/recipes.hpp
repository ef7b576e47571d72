// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which recipes a lab has for portable jobs.

#include <optional>
#include <vector>

#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/viewer.hpp"
#include "jobs/portable/recipe.hpp"

namespace patchbay {

struct ChosenRecipes {
    std::vector<Recipe> chosen;
    /// Of a job that runs anywhere: those for other device types, one for each, on which it may begin while it waits.
    std::vector<Recipe> others;
};

/// Where this job runs for `viewer`, who submits it unless `submitter` is nobody: one recipe for each name of its
/// `where`, which is a device type, an alias of one, or a virtual machine ("qemu-arm64", where the lab has type
/// `qemu`). Of a job that runs anywhere the one that fits and has an idle device, else the one with the shortest queue
/// for each of its devices. Throws: SubmissionRefused, naming what there is not, what does not fit, or what the devices
/// and the lab's file do not say about a type.
Task<ChosenRecipes> recipes_for(Services& lab, std::optional<UserRow> submitter, Viewer viewer, PortableJob job);

}  // namespace patchbay
