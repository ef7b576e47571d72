// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/attachment_states.hpp"

#include <algorithm>

namespace patchbay {

std::vector<AttachmentStates::Row> AttachmentStates::list() {
    constexpr auto sql = R"sql(
        SELECT name, server, worker, state, since, problem, events, events_problem,
            (SELECT COUNT(*) FROM attached_job WHERE attached_job.attachment = attachment.name AND ended IS NULL)
        FROM attachment ORDER BY name
    )sql";
    std::vector<Row> all;
    for (auto row = db_.run(sql); row->step();) {
        AttachmentState state;
        state.name = row->text(0);
        state.server = row->text(1);
        state.worker = row->text(2);
        state.kind = static_cast<AttachmentState::Kind>(row->integer(3));
        state.problem = row->text(5);
        state.events = row->integer(6) != 0;
        state.events_problem = row->text(7);
        all.push_back({std::move(state), time_of(row->integer(4)), row->integer(8)});
    }
    return all;
}

void AttachmentStates::set(const AttachmentState& state, WallTime now) {
    constexpr auto sql = R"sql(
        INSERT INTO attachment (name, server, worker, state, since, problem, events, events_problem)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT DO UPDATE SET server = excluded.server, worker = excluded.worker,
            since = CASE WHEN state = excluded.state THEN since ELSE excluded.since END,
            state = excluded.state, problem = excluded.problem,
            events = excluded.events, events_problem = excluded.events_problem
    )sql";
    db_.change(sql, state.name, state.server, state.worker, static_cast<std::int64_t>(state.kind), now, state.problem,
               std::int64_t{state.events}, state.events_problem);
}

void AttachmentStates::keep(const std::vector<std::string>& names) {
    for (const auto& row : list())
        if (std::ranges::find(names, row.state.name) == names.end())
            db_.change("DELETE FROM attachment WHERE name = $1", row.state.name);
}

}  // namespace patchbay
