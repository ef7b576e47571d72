// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "devices/lab.hpp"

namespace patchbay {

/// One entry of lab.yaml's map `device_types`. What it does not say can be said at run time, over the API.
struct DeviceTypeEntry {
    std::string name;
    std::vector<std::string> aliases;
    std::optional<std::string> description;
    std::optional<bool> display;
    std::string health_check;             ///< file with a job definition; empty: none, or what the API sets
    std::optional<int> health_frequency;  ///< hours or jobs
    std::optional<bool> count_jobs;       ///< health_denominator: jobs, not hours
    std::optional<bool> disable_health_check;
    config::Value recipe;  ///< how portable jobs boot there (jobs/portable/recipe.hpp); null: as its devices say
};

/// Reads the map under `device_types`. An alias is a name of its own: no type's, and in one place only.
std::vector<DeviceTypeEntry> read_device_types(config::MapReader& lab, const std::vector<DeviceEntry>& devices,
                                               config::Problems& problems);

}  // namespace patchbay
