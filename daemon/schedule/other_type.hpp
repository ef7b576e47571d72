// SPDX-License-Identifier: Apache-2.0
#pragma once
// A queued job that may run on several device types, and for which its own has no device, runs on another that has one.

#include <string>
#include <vector>

#include "daemon/sharing/rules.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The best such job of another queue begins on an idle device of this type, which must have no job of its own to take
/// (claim_next() was empty): it becomes what it is here, its device is Reserved, a lease made and the deed recorded, in
/// the caller's transaction. Empty: there is none, or the rules do not let it.
std::vector<LeaseRow> claim_from_other_type(Database& db, const std::string& device_type, WallTime now,
                                            const SharingRules& rules = {});

}  // namespace patchbay
