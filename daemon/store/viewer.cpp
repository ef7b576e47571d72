// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/viewer.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"
#include "daemon/store/permissions.hpp"
#include "daemon/store/rights.hpp"

namespace patchbay {
namespace {

// A user's own permissions on objects of one kind: whoever may submit to one or change it may see it too.
constexpr auto hidden_types_sql = R"sql(
    SELECT DISTINCT object FROM object_permission WHERE kind = 1 AND permission = 0 AND object NOT IN (
        SELECT mine.object FROM object_permission mine JOIN group_member ON group_member.group_id = mine.group_id
        WHERE mine.kind = 1 AND group_member.user_id = $1)
)sql";
// A device that has view permissions of its own asks for them; all others ask for those of their type.
constexpr auto hidden_devices_sql = R"sql(
    SELECT hostname FROM device
    WHERE (hostname IN (SELECT object FROM object_permission WHERE kind = 0 AND permission = 0)
            OR device_type IN (SELECT value FROM json_each($1)))
        AND hostname NOT IN (
            SELECT mine.object FROM object_permission mine JOIN group_member ON group_member.group_id = mine.group_id
            WHERE mine.kind = 0 AND group_member.user_id = $2)
)sql";
constexpr auto viewing_sets_sql = R"sql(
    SELECT viewing_set.id FROM group_member
        JOIN viewing_set_group ON viewing_set_group.group_id = group_member.group_id
        JOIN viewing_set ON viewing_set.id = viewing_set_group.viewing_set
    WHERE group_member.user_id = $1 GROUP BY viewing_set.id HAVING COUNT(*) = viewing_set.size ORDER BY viewing_set.id
)sql";

bool anything_hidden(Database& db) {
    return db.run("SELECT 1 FROM object_permission WHERE permission = 0 LIMIT 1")->step();
}

NameSet read_names(StatementHandle rows) {
    NameSet names;
    while (rows->step()) names.emplace(rows->text(0));
    return names;
}

std::string json_array(const NameSet& names) {
    config::List list;
    for (const auto& name : names) list.emplace_back(name);
    return config::dump_json(config::Value{std::move(list)});
}

}  // namespace

Viewer viewer_of(Database& db, const std::optional<UserRow>& user) {
    Viewer viewer;
    if (user) {
        viewer.user = user->id;
        viewer.superuser = user->superuser;
    }
    if (viewer.superuser) return viewer;
    const Rights rights{db, user};
    viewer.all_jobs = rights.everywhere("lava_scheduler_app.view_testjob");
    if (anything_hidden(db)) {
        if (!rights.everywhere(Restrictable::device_type, Permission::view))
            viewer.hidden_types = read_names(db.run(hidden_types_sql, viewer.user));
        if (!rights.everywhere(Restrictable::device, Permission::view))
            viewer.hidden_devices =
                read_names(db.run(hidden_devices_sql, json_array(viewer.hidden_types), viewer.user));
    }
    if (!user) return viewer;
    auto sets = db.run(viewing_sets_sql, *viewer.user);
    while (sets->step()) viewer.viewing_sets.push_back(sets->integer(0));
    return viewer;
}

bool may_see(const Viewer& viewer, const JobSight& job) {
    if (viewer.sees_all_jobs() || viewer.user == job.submitter) return true;
    if (job.visibility != 0) return std::ranges::binary_search(viewer.viewing_sets, job.visibility);
    if (job.device) return viewer.sees_device(*job.device);
    return !job.device_type || viewer.sees_type(*job.device_type);
}

void add_visible_jobs(BoundFilter& bound, const Viewer& viewer) {
    if (viewer.sees_all_jobs()) return;
    std::string is_public = "job.visibility = 0";
    if (!viewer.sees_all_devices()) {
        // One after the other: the engine numbers parameters by their first appearance.
        const auto types = bound.parameter(json_array(viewer.hidden_types));
        const auto devices = bound.parameter(json_array(viewer.hidden_devices));
        is_public +=
            " AND CASE WHEN job.actual_device IS NULL THEN job.requested_device_type IS NULL OR "
            "job.requested_device_type NOT IN (SELECT value FROM json_each(" +
            types + ")) ELSE job.actual_device NOT IN (SELECT value FROM json_each(" + devices + ")) END";
    }
    bound.where += " AND (" + is_public;
    if (!viewer.viewing_sets.empty()) {
        std::string sets;
        for (const auto set : viewer.viewing_sets) sets += (sets.empty() ? "[" : ",") + std::to_string(set);
        bound.where += " OR job.visibility IN (SELECT value FROM json_each(" + bound.parameter(sets + "]") + "))";
    }
    if (viewer.user) bound.where += " OR job.submitter_id = " + bound.parameter(viewer.user->value);
    bound.where += ")";
}

void add_visible(BoundFilter& bound, const NameSet& hidden, const std::string& column) {
    if (hidden.empty()) return;
    bound.where +=
        " AND " + column + " NOT IN (SELECT value FROM json_each(" + bound.parameter(json_array(hidden)) + "))";
}

}  // namespace patchbay
