// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a mail about a job says (LAVA's templates testjob_notification and
// testjob_verbose_notification).

#include <string>

#include "daemon/notify/notify_map.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

struct MailText {
    std::string subject;
    std::string body;
};

/// `lab_url`: in front of paths, "" when the lab has not said how it is reached. status-only tells the state, quiet
/// also the facts, verbose also metadata, results and the comparison with other jobs. Throws: StoreError.
MailText mail_text(Database& db, const JobRow& job, const Notify& notify, const std::string& lab_url);

}  // namespace patchbay
