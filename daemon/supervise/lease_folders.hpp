// SPDX-License-Identifier: Apache-2.0
#pragma once
// The folders of all leases: whose they are, and how they go.

#include <filesystem>
#include <vector>

#include "daemon/lab/settings.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// Looks through the folders that an earlier daemon left. Returns those that nobody needs: of leases that are closed.
/// Throws: ConfigurationError, with every folder that this store does not know. Their runners may live and their
///         journals hold what is stored nowhere, so they are left alone, and nothing else should touch their devices.
std::vector<std::filesystem::path> leftover_folders(Store& store, const Settings& settings);

/// Takes the folder of a closed lease out of the way, at once; what is left to do is remove_folder(). A daemon that
/// dies in between finds it as a leftover.
std::filesystem::path set_aside(const std::filesystem::path& folder);
/// May take long: downloads of many GB. A failure is a warning in the log.
void remove_folder(const std::filesystem::path& folder);

}  // namespace patchbay
