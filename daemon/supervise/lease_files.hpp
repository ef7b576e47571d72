// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes what the runner finds in its folder (docs/lease-folder.md).

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/sessions.hpp"

namespace patchbay {

/// Makes the folder of the lease with its four files. Files that are there are replaced. `device`: device.yaml, which
/// device_yaml() makes. `first_log_line`: what
/// earlier attempts have left. `store`: its identity. `tokens`: the submitter's remote artifact tokens, values by name;
/// job.yaml is the one place where they are seen. `session`: of a person's lease.
/// Throws: ConfigurationError, the device cannot be read; InfrastructureError, the folder cannot be written.
void write_lease_files(const std::filesystem::path& folder, const LeaseRow& lease, const JobRow& job,
                       const std::string& device, std::int64_t first_log_line, const Settings& settings,
                       const std::string& store, const std::map<std::string, std::string>& tokens = {},
                       const std::optional<SessionRow>& session = {});

/// Can --make-safe read what it needs? Nothing waits until these files are on the disk, so a power cut may leave them
/// empty or cut off, and a store that was restored knows leases whose folders are gone. All that is in them is in the
/// store.
bool lease_files_are_whole(const std::filesystem::path& folder);

/// What the device in the folder may take for its command to switch off; 0 when its file says nothing or is none.
std::chrono::seconds power_off_time(const std::filesystem::path& folder);

/// device.yaml: the device as its template makes it from the lab's variables, or its dictionary, and the context of the
/// job with this definition. `folder`: the lease's, where files lie that the context may name. `db`: on this thread.
/// Throws: ConfigurationError, the device cannot be rendered; JobError, the job's context does not fit it.
Task<std::string> device_yaml(DeviceRow device, std::string definition, std::filesystem::path folder, Database& db,
                              const Settings& settings, asio::thread_pool& workers);

}  // namespace patchbay
