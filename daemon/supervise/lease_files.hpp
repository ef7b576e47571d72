// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes what the runner finds in its folder (docs/lease-folder.md).

#include <filesystem>

#include "daemon/lab/settings.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Makes the folder of the lease with its four files. Files that are there are replaced. `store`: its identity.
/// Throws: ConfigurationError, the device cannot be rendered; JobError, the job's context does not fit it;
///         InfrastructureError, the folder cannot be written.
void write_lease_files(const std::filesystem::path& folder, const LeaseRow& lease, const JobRow& job,
                       const DeviceRow& device, const Settings& settings, const std::string& store);

/// device.yaml: the device as its template makes it from the lab's variables and the job's context. `folder`: the
/// lease's, where files lie that the context may name.
std::string device_yaml(const DeviceRow& device, const JobRow& job, const std::filesystem::path& folder);

}  // namespace patchbay
