// SPDX-License-Identifier: Apache-2.0
#include "daemon/admin/command.hpp"

#include <pwd.h>
#include <unistd.h>

#include "daemon/store/groups.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {

std::string admin_name() {
    const auto* entry = ::getpwuid(::getuid());
    return "patchbayd:" + (entry ? std::string{entry->pw_name} : std::to_string(::getuid()));
}

UserRow known_user(Database& db, const std::string& name) {
    auto user = Users{db}.find(name);
    if (!user) throw JobError{"user '" + name + "': does not exist; `patchbayd user add " + name + "` makes it"};
    return *user;
}

GroupRow known_group(Database& db, const std::string& name) {
    auto group = Groups{db}.find(name);
    if (!group) throw JobError{"group '" + name + "': does not exist; `patchbayd group add " + name + "` makes it"};
    return *group;
}

}  // namespace patchbay
