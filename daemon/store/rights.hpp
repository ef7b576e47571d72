// SPDX-License-Identifier: Apache-2.0
#pragma once
// What somebody may do with a device, its type and a job (lava_scheduler_app/auth.py, models.py). Of what many of them
// somebody sees, viewer.hpp is about.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/permissions.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

/// As the store has it when asked. By default everybody views, every user submits, and nobody but superusers changes;
/// permissions of a kind on a device count instead of those of the kind on its type.
class Rights {
public:
    /// `user`: nullopt for nobody in particular.
    Rights(Database& db, const std::optional<UserRow>& user);

    /// "lava_scheduler_app.change_testjob": the user has it, or a group of the user.
    bool everywhere(std::string_view name) const;
    /// The permission, or one that includes it, on all devices or all types.
    bool everywhere(Restrictable kind, Permission permission) const;

    bool on_type(Permission permission, const std::string& type) const;
    bool on_device(Permission permission, const std::string& hostname, const std::string& type) const;

    /// The devices of the type that the user may not submit to.
    NameSet closed_devices(const std::string& type) const;
    /// False: neither the type nor a device of it asks for a permission to submit, and every user may.
    static bool any_submission_restricted(Database& db, const std::string& type);
    /// Devices of the type for which some group has a permission to submit or to change: all others are alike in who
    /// may submit to them.
    static NameSet devices_with_submitters(Database& db, const std::string& type);

    /// Cancel it and the like: its submitter; who may change its device, or without one its type; who has
    /// lava_scheduler_app.change_testjob.
    bool change_job(const JobRow& job) const;

private:
    bool has(Restrictable kind, Permission permission, const std::string& object) const;
    bool is_restricted(Restrictable kind, Permission permission, const std::string& object) const;

    Database& db_;
    std::optional<UserRow> user_;
    std::vector<std::string> everywhere_;
};

}  // namespace patchbay
