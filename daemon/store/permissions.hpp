// SPDX-License-Identifier: Apache-2.0
#pragma once
// What groups may do with devices and device types, and what users and groups may do everywhere: the stored
// permissions.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Each includes those before it. The numbers are stored.
enum class Permission { view = 0, submit = 1, change = 2 };
enum class Restrictable { device = 0, device_type = 1 };

/// LAVA's names: "view_device", "submit_to_device", "change_devicetype", ...
std::string_view codename(Restrictable kind, Permission permission);
std::optional<Permission> permission_named(Restrictable kind, std::string_view codename);

/// The permissions of this server that hold everywhere, as "<application>.<codename>", sorted:
/// "lava_scheduler_app.view_device".
std::span<const std::string_view> global_permissions();
/// Why nobody is given a permission that LAVA has, "lava_scheduler_app.delete_device", and what to do instead. Empty:
/// it is none of those.
std::string_view why_not_granted(std::string_view name);

struct PermissionRow {
    PermissionId id;
    Restrictable kind = Restrictable::device;
    std::string object;  ///< hostname, or name of the type
    Permission permission = Permission::view;
    GroupRow group;
};

/// Who has something everywhere.
using Holder = std::variant<UserId, GroupId>;

/// The permissions, through one connection. Reading functions work on any; writing ones inside Store::write.
class Permissions {
public:
    explicit Permissions(Database& db) : db_{db} {}

    /// Of one that was granted before, its id. Throws: JobError when the lab has no such device or type.
    PermissionId grant(Restrictable kind, const std::string& object, Permission permission, GroupId group);
    /// Makes another one of that with the row's id. False: that one was granted before, nothing is changed.
    /// Throws: as grant().
    bool change(const PermissionRow& row);
    /// False: was not granted. The same for the next.
    bool revoke(Restrictable kind, const std::string& object, Permission permission, GroupId group);
    bool revoke(Restrictable kind, PermissionId id);
    std::optional<PermissionRow> find(Restrictable kind, PermissionId id);
    /// What may be left out is any. By id.
    struct Wanted {
        std::optional<std::string> object = {};
        std::optional<Permission> permission = {};
        std::optional<GroupId> group = {};
        std::int64_t limit = -1;
        std::int64_t offset = 0;
    };
    std::vector<PermissionRow> list(Restrictable kind, const Wanted& wanted);
    std::int64_t count(Restrictable kind, const Wanted& wanted);

    /// False: had it. Throws: JobError when this server has no such permission, naming those it has, or why not.
    bool grant_everywhere(Holder holder, const std::string& codename);
    /// False: had it not.
    bool revoke_everywhere(Holder holder, const std::string& codename);
    /// Sorted; of a user without those of the groups.
    std::vector<std::string> everywhere(Holder holder);
    /// Sorted; those of the user and of all groups of the user.
    std::vector<std::string> all_everywhere(UserId user);

private:
    void check_known(Restrictable kind, const std::string& object);

    Database& db_;
};

}  // namespace patchbay
