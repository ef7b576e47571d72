// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which recipes a lab has for portable jobs.

#include <string>
#include <vector>

#include "daemon/lab/settings.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/viewer.hpp"
#include "jobs/portable/recipe.hpp"

namespace patchbay {

class LabRecipes {
public:
    LabRecipes(Database& db, const Settings& settings, const Viewer& viewer)
        : db_{db}, settings_{settings}, viewer_{viewer} {}

    /// The recipe of a device type, an alias of one, or a virtual machine: "qemu-arm64", where the lab has type `qemu`.
    /// Throws: SubmissionRefused, there is none, or what the lab and the devices say is not enough for one.
    Recipe of(const std::string& name) const;

    /// Where this job runs: one for each name of its `where`. Of a job that runs anywhere the one that fits and has an
    /// idle device, else the one with the shortest queue for each of its devices.
    /// Throws: SubmissionRefused, naming what does not fit.
    std::vector<Recipe> for_job(const PortableJob& job) const;

private:
    std::vector<Recipe> fitting(const PortableJob& job, std::string& why_not) const;

    Database& db_;
    const Settings& settings_;
    const Viewer& viewer_;
};

}  // namespace patchbay
