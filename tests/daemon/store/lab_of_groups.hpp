// SPDX-License-Identifier: Apache-2.0
#pragma once
// A store with people, groups and permissions.

#include "daemon/store/groups.hpp"
#include "daemon/store/permissions.hpp"
#include "daemon/store/rights.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay::testing {

inline GroupId add_group(TemporaryStore& lab, const std::string& name, const std::vector<UserId>& members = {}) {
    auto add = [name, members](Database& db) {
        Groups groups{db};
        const auto id = groups.find_or_add(name);
        for (const auto member : members) groups.join(member, id);
        return id;
    };
    return lab.write(std::move(add));
}

inline void grant(TemporaryStore& lab, Restrictable kind, const std::string& object, Permission permission,
                  GroupId group) {
    auto work = [=](Database& db) { Permissions{db}.grant(kind, object, permission, group); };
    lab.write(std::move(work));
}

inline void grant_everywhere(TemporaryStore& lab, Holder holder, const std::string& name) {
    auto work = [=](Database& db) { Permissions{db}.grant_everywhere(holder, name); };
    lab.write(std::move(work));
}

}  // namespace patchbay::testing
