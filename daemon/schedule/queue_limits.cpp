// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/queue_limits.hpp"

namespace patchbay {
namespace {

std::int64_t first_number(StatementHandle row) { return row->step() ? row->integer(0) : 0; }

}  // namespace

void check_queue(Database& db, UserId submitter, const QueueLimits& limits) {
    constexpr auto all_sql = "SELECT COALESCE(SUM(jobs), 0) FROM job_counter WHERE state = 0";
    constexpr auto user_sql = "SELECT COALESCE(SUM(jobs), 0) FROM job_counter WHERE state = 0 AND submitter_id = $1";
    const auto limit = [](std::int64_t most) { return std::to_string(most) + " jobs wait already, as many as "; };
    if (limits.user > 0 && first_number(db.run(user_sql, submitter)) >= limits.user)
        throw QueueFull{"of yours " + limit(limits.user) +
                        "one user may queue in this lab; submit again when some have started, or cancel some"};
    if (limits.all > 0 && first_number(db.run(all_sql)) >= limits.all)
        throw QueueFull{limit(limits.all) + "this lab queues; submit again when some have started"};
}

}  // namespace patchbay
