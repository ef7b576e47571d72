// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/people/find.hpp"

#include <algorithm>

#include "daemon/store/groups.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/users.hpp"

namespace patchbay::rpc {
namespace {

struct Parts {
    std::string app, model, codename;
};

/// "lava_scheduler_app.submit_to_device" is the model "device" of that application.
Parts parts_of(const std::string& name) {
    const auto dot = name.find('.');
    const auto last = name.rfind('_');
    return {name.substr(0, dot), name.substr(last + 1), name.substr(dot + 1)};
}

}  // namespace

void require(const RpcCall& call, std::string_view permission) {
    if (Rights{call.lab.store.reader(), call.user}.everywhere(permission)) return;
    throw Fault{403, "User '" + call.user->name + "' is missing permission " + std::string{permission} + "."};
}

UserRow find_user(const RpcCall& call, std::size_t index) {
    const auto name = call.text(index);
    auto user = Users{call.lab.store.reader()}.find(name);
    if (!user) throw Fault{404, "User '" + name + "' was not found."};
    return std::move(*user);
}

GroupRow find_group(const RpcCall& call, std::size_t index) {
    const auto name = call.text(index);
    auto group = Groups{call.lab.store.reader()}.find(name);
    if (!group) throw Fault{404, "Group '" + name + "' was not found."};
    return std::move(*group);
}

std::string global_permission(const RpcCall& call, std::size_t index) {
    const auto app = call.text(index), model = call.text(index + 1), codename = call.text(index + 2);
    const auto is_model = [&](std::string_view name) {
        const auto parts = parts_of(std::string{name});
        return parts.app == app && parts.model == model;
    };
    if (std::ranges::none_of(global_permissions(), is_model))
        throw Fault{404, "Invalid app.model '" + app + "." + model + "'"};
    auto name = app + "." + codename;
    const auto reason = why_not_granted(name);
    if (!std::ranges::binary_search(global_permissions(), std::string_view{name}) || !is_model(name))
        throw Fault{404, "Invalid permission '" + codename + "'" +
                             (reason.empty() ? "" : ": nobody is given it: " + std::string{reason})};
    return name;
}

config::List permission_maps(const std::vector<std::string>& names) {
    config::List list;
    for (const auto& name : names) {
        const auto parts = parts_of(name);
        config::Map map;
        map.set("app", parts.app);
        map.set("model", parts.model);
        map.set("codename", parts.codename);
        list.emplace_back(std::move(map));
    }
    return list;
}

config::List permission_names(const std::vector<std::string>& names) {
    config::List list;
    for (const auto& name : names) {
        const auto parts = parts_of(name);
        list.emplace_back(parts.app + "." + parts.model + "." + parts.codename);
    }
    return list;
}

}  // namespace patchbay::rpc
