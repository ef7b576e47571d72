// SPDX-License-Identifier: Apache-2.0
#pragma once
// The numbered steps from an empty file to today's schema. A released one is never edited.

#include <span>
#include <string_view>

#include "daemon/store/database.hpp"

namespace patchbay {

/// Index 0 is migration 1. Generated from daemon/store/migrations/.
std::span<const std::string_view> migrations();

/// Runs what is missing, each in a transaction of its own.
/// Throws: ConfigurationError when the file was written by a newer version.
void migrate(Database& db, const std::string& file);

}  // namespace patchbay
