// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/queue_limits.hpp"

namespace patchbay {
namespace {

std::int64_t first_number(StatementHandle row) { return row->step() ? row->integer(0) : 0; }

}  // namespace

void check_queue(Database& db, UserId submitter, const QueueLimits& limits, std::int64_t newcomers) {
    constexpr auto all_sql = "SELECT COALESCE(SUM(jobs), 0) FROM job_counter WHERE state = 0";
    constexpr auto user_sql = "SELECT COALESCE(SUM(jobs), 0) FROM job_counter WHERE state = 0 AND submitter_id = $1";
    const auto wait = [newcomers](std::int64_t waiting, std::int64_t most) {
        const auto jobs = std::to_string(waiting) + " jobs wait already, ";
        if (newcomers == 1) return jobs + "as many as ";
        return jobs + "and with the " + std::to_string(newcomers) + " of this group there would be more than the " +
               std::to_string(most) + " that ";
    };
    if (limits.user > 0) {
        const auto waiting = first_number(db.run(user_sql, submitter));
        if (waiting + newcomers > limits.user)
            throw QueueFull{"of yours " + wait(waiting, limits.user) +
                            "one user may queue in this lab; submit again when some have started, or cancel some"};
    }
    if (limits.all > 0) {
        const auto waiting = first_number(db.run(all_sql));
        if (waiting + newcomers > limits.all)
            throw QueueFull{wait(waiting, limits.all) + "this lab queues; submit again when some have started"};
    }
}

}  // namespace patchbay
