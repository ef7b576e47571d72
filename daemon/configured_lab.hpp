// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the configuration says about the lab, as the store keeps it.

#include <string>
#include <vector>

#include "daemon/lab/settings.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/health_checks.hpp"

namespace patchbay {

struct ConfiguredLab {
    std::vector<ConfiguredDeviceType> types;
    std::vector<ConfiguredDevice> devices;
    std::vector<HealthCheck> health_checks;
    std::string worker;
    std::vector<std::string> remote_workers;  ///< that are set up
};

/// Reads the files that the settings name. Throws: ConfigurationError with every health check that cannot be read or
/// become a job, one in a line.
ConfiguredLab configured_lab(const Settings& settings);
std::vector<HealthCheck> configured_health_checks(const Settings& settings);
/// Makes the stored lab this one.
void configure_store(Database& db, const ConfiguredLab& lab);

}  // namespace patchbay
