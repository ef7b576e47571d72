// SPDX-License-Identifier: Apache-2.0
#pragma once
// `compare` of a verbose mail (lava_scheduler_app/notifications.py).

#include <string>

#include "daemon/notify/notify_map.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The last jobs of the query that the submitter may see, and how the results of this one differ from those of the
/// newest Complete one among them. "" when the job asks for no comparison; a query that means nothing is named.
/// Throws: StoreError.
std::string comparison_text(Database& db, const JobRow& job, const Comparison& comparison);

/// "  suite/case: fail, was pass" for each case that differs, by name; the last of several with one name counts, as for
/// clients. `blacklist`: suites and cases that are left out. Pure.
std::string differences(const std::vector<CaseRow>& now, const std::vector<CaseRow>& before,
                        const std::vector<std::string>& blacklist);

}  // namespace patchbay
