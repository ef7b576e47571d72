// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/rights.hpp"

#include <algorithm>

#include "daemon/store/devices.hpp"

namespace patchbay {

Rights::Rights(Database& db, const std::optional<UserRow>& user) : db_{db}, user_{user} {
    if (user_ && !user_->superuser) everywhere_ = Permissions{db_}.all_everywhere(user_->id);
}

bool Rights::everywhere(std::string_view name) const {
    return user_ && (user_->superuser || std::ranges::binary_search(everywhere_, name));
}

bool Rights::everywhere(Restrictable kind, Permission permission) const {
    for (const auto including : {Permission::view, Permission::submit, Permission::change}) {
        if (including >= permission && everywhere("lava_scheduler_app." + std::string{codename(kind, including)}))
            return true;
    }
    return false;
}

bool Rights::has(Restrictable kind, Permission permission, const std::string& object) const {
    constexpr auto sql = R"sql(
        SELECT 1 FROM object_permission JOIN group_member ON group_member.group_id = object_permission.group_id
        WHERE object_permission.kind = $1 AND object_permission.object = $2 AND object_permission.permission >= $3
            AND group_member.user_id = $4
    )sql";
    if (!user_) return false;
    return everywhere(kind, permission) || db_.run(sql, kind, object, permission, user_->id)->step();
}

bool Rights::is_restricted(Restrictable kind, Permission permission, const std::string& object) const {
    constexpr auto sql = "SELECT 1 FROM object_permission WHERE kind = $1 AND object = $2 AND permission = $3";
    return db_.run(sql, kind, object, permission)->step();
}

bool Rights::on_type(Permission permission, const std::string& type) const {
    if (has(Restrictable::device_type, permission, type)) return true;
    if (permission == Permission::change || is_restricted(Restrictable::device_type, permission, type)) return false;
    return permission == Permission::view || user_.has_value();
}

bool Rights::on_device(Permission permission, const std::string& hostname, const std::string& type) const {
    if (has(Restrictable::device, permission, hostname)) return true;
    return !is_restricted(Restrictable::device, permission, hostname) && on_type(permission, type);
}

NameSet Rights::closed_devices(const std::string& type) const {
    // A device that has submit permissions of its own asks for them; all others ask for those of their type.
    constexpr auto sql = R"sql(
        SELECT hostname FROM device
        WHERE device_type = $1
            AND ($2 OR hostname IN (SELECT object FROM object_permission WHERE kind = 0 AND permission = 1))
            AND hostname NOT IN (
                SELECT mine.object FROM object_permission mine
                    JOIN group_member ON group_member.group_id = mine.group_id
                WHERE mine.kind = 0 AND mine.permission >= 1 AND group_member.user_id = $3)
    )sql";
    NameSet names;
    if (everywhere(Restrictable::device, Permission::submit)) return names;
    const auto user = user_ ? std::optional{user_->id} : std::nullopt;
    auto rows = db_.run(sql, type, !on_type(Permission::submit, type), user);
    while (rows->step()) names.emplace(rows->text(0));
    return names;
}

bool Rights::any_submission_restricted(Database& db, const std::string& type) {
    constexpr auto sql = R"sql(
        SELECT 1 FROM object_permission
        WHERE permission = 1 AND (kind = 1 AND object = $1
            OR kind = 0 AND object IN (SELECT hostname FROM device WHERE device_type = $1))
        LIMIT 1
    )sql";
    return db.run(sql, type)->step();
}

NameSet Rights::devices_with_submitters(Database& db, const std::string& type) {
    constexpr auto sql = R"sql(
        SELECT hostname FROM device
        WHERE device_type = $1 AND hostname IN (SELECT object FROM object_permission WHERE kind = 0 AND permission >= 1)
    )sql";
    NameSet names;
    auto rows = db.run(sql, type);
    while (rows->step()) names.emplace(rows->text(0));
    return names;
}

bool Rights::change_job(const JobRow& job) const {
    if (!user_) return false;
    if (user_->name == job.submitter || everywhere("lava_scheduler_app.change_testjob")) return true;
    if (job.actual_device) {
        const auto device = Devices{db_}.find(*job.actual_device);
        return device && on_device(Permission::change, device->hostname, device->device_type);
    }
    return job.requested_device_type && on_type(Permission::change, *job.requested_device_type);
}

}  // namespace patchbay
