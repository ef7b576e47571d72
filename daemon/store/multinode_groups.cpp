// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/multinode_groups.hpp"

namespace patchbay {

std::vector<PartRow> MultinodeGroups::insert(const NewGroup& group, WallTime now) {
    constexpr auto join_sql = R"sql(
        UPDATE job SET target_group = $1, sub_id = $2, role = $3, essential = $4, requested_device = $5,
            requested_worker = $6
        WHERE id = $7
    )sql";
    db_.change("INSERT INTO job_group (name, definition, masked_definition) VALUES ($1, $2, $3)", group.target_group,
               group.definition, group.masked_definition);
    std::vector<PartRow> rows;
    for (const auto& part : group.parts) {
        PartRow row;
        row.job = Jobs{db_}.insert(part.job, now);
        const auto first = rows.empty() ? row.job : rows.front().job;
        row.sub_id = std::to_string(first.value) + "." + std::to_string(rows.size());
        row.role = part.role;
        row.essential = part.essential;
        db_.change(join_sql, group.target_group, row.sub_id, row.role, row.essential, part.device, part.worker,
                   row.job);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<PartRow> MultinodeGroups::parts(const std::string& target_group) {
    // The second condition is for the index, which has no other jobs.
    constexpr auto sql = R"sql(
        SELECT id, sub_id, role, state, essential FROM job WHERE target_group = $1 AND target_group <> '' ORDER BY id
    )sql";
    std::vector<PartRow> rows;
    for (auto row = db_.run(sql, target_group); row->step();) {
        rows.push_back({JobId{row->integer(0)}, std::string{row->text(1)}, std::string{row->text(2)},
                        static_cast<JobState>(row->integer(3)), row->integer(4) != 0});
    }
    return rows;
}

std::string MultinodeGroups::group_of(JobId job) {
    auto row = db_.run("SELECT target_group FROM job WHERE id = $1", job);
    return row->step() ? std::string{row->text(0)} : std::string{};
}

std::optional<JobId> MultinodeGroups::find(std::string_view sub_id) {
    auto row = db_.run("SELECT id FROM job WHERE sub_id = $1 AND sub_id <> ''", sub_id);
    if (!row->step()) return std::nullopt;
    return JobId{row->integer(0)};
}

void MultinodeGroups::set_definition(JobId part, const std::string& definition,
                                     const std::optional<std::string>& masked) {
    constexpr auto sql = R"sql(
        UPDATE job_text SET original_definition = COALESCE(original_definition, definition), definition = $1
        WHERE job = $2
    )sql";
    constexpr auto masked_sql = R"sql(
        UPDATE masked_text SET original_definition = COALESCE(original_definition, definition), definition = $1
        WHERE job = $2
    )sql";
    db_.change(sql, definition, part);
    if (masked) db_.change(masked_sql, *masked, part);
}

void MultinodeGroups::add_call(const std::string& target_group, JobId job, std::string_view call) {
    db_.change("INSERT INTO group_call (target_group, job, call) VALUES ($1, $2, $3)", target_group, job, call);
}

std::vector<GroupCallRow> MultinodeGroups::calls_after(const std::string& target_group, std::int64_t last) {
    constexpr auto sql = "SELECT id, job, call FROM group_call WHERE target_group = $1 AND id > $2 ORDER BY id";
    std::vector<GroupCallRow> calls;
    for (auto row = db_.run(sql, target_group, last); row->step();)
        calls.push_back({row->integer(0), JobId{row->integer(1)}, std::string{row->text(2)}});
    return calls;
}

}  // namespace patchbay
