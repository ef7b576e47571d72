// SPDX-License-Identifier: Apache-2.0
// Permissions of groups on devices and device types: LAVA 2023.01's words in system., later ones' in scheduler.
#include "daemon/store/permissions.hpp"

#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"
#include "daemon/xmlrpc/people/find.hpp"

namespace patchbay::rpc {
namespace {

struct Wanted {
    Restrictable kind = Restrictable::device;
    std::string object;
    Permission permission = Permission::view;
    GroupRow group;

    Deed deed(const std::string& action) const {
        return {"", action, group.name,
                "group " + group.name + ": " + std::string{codename(kind, permission)} + " on " + object};
    }
};

Permission permission_of(Restrictable kind, const std::string& name) {
    const auto permission = permission_named(kind, name);
    if (!permission) throw Fault{404, "Invalid permission '" + name + "'"};
    return *permission;
}

Task<config::Value> grant(RpcCall& call, Wanted wanted) {
    auto change = [wanted](Database& db) {
        return Permissions{db}.grant(wanted.kind, wanted.object, wanted.permission, wanted.group.id);
    };
    return change_store(call, wanted.deed("permission.add"), std::move(change));
}

Task<config::Value> revoke(RpcCall& call, Wanted wanted) {
    auto change = [wanted](Database& db) {
        return Permissions{db}.revoke(wanted.kind, wanted.object, wanted.permission, wanted.group.id);
    };
    return change_store(call, wanted.deed("permission.delete"), std::move(change));
}

/// perm, device or type, group (lava_server/api/__init__.py of 2023.01).
Wanted of_system(const RpcCall& call, Restrictable kind) {
    auto& db = call.lab.store.reader();
    const bool device = kind == Restrictable::device;
    require(call, device ? "lava_scheduler_app.change_device" : "lava_scheduler_app.change_devicetype");
    Wanted wanted{kind, call.text(1), permission_of(kind, call.text(0)), {}};
    auto group = Groups{db}.find(call.text(2));
    if (!group) throw Fault{400, "please use existing group name"};
    wanted.group = std::move(*group);
    if (device && !Devices{db}.find(wanted.object)) throw Fault{400, "please use existing device hostname"};
    if (!device && !DeviceTypes{db}.find(wanted.object)) throw Fault{400, "please use existing device type name"};
    return wanted;
}

/// device or type, group, perm; for staff.
Wanted of_scheduler(const RpcCall& call, Restrictable kind) {
    if (!call.user->staff && !call.user->superuser) throw Fault{403, "User '" + call.user->name + "' is not staff."};
    auto object = kind == Restrictable::device ? find_device(call).hostname : find_device_type(call).name;
    return {kind, std::move(object), permission_of(kind, call.text(2)), find_group(call, 1)};
}

}  // namespace

Task<config::Value> assign_perm_device(RpcCall& call) { return grant(call, of_system(call, Restrictable::device)); }
Task<config::Value> revoke_perm_device(RpcCall& call) { return revoke(call, of_system(call, Restrictable::device)); }
Task<config::Value> assign_perm_device_type(RpcCall& call) {
    return grant(call, of_system(call, Restrictable::device_type));
}
Task<config::Value> revoke_perm_device_type(RpcCall& call) {
    return revoke(call, of_system(call, Restrictable::device_type));
}
Task<config::Value> devices_perms_add(RpcCall& call) { return grant(call, of_scheduler(call, Restrictable::device)); }
Task<config::Value> devices_perms_delete(RpcCall& call) {
    return revoke(call, of_scheduler(call, Restrictable::device));
}
Task<config::Value> device_types_perms_add(RpcCall& call) {
    return grant(call, of_scheduler(call, Restrictable::device_type));
}
Task<config::Value> device_types_perms_delete(RpcCall& call) {
    return revoke(call, of_scheduler(call, Restrictable::device_type));
}
Task<config::Value> devices_perms_list(RpcCall& call) {
    co_return granted(Restrictable::device, find_device(call).hostname, call);
}
Task<config::Value> device_types_perms_list(RpcCall& call) {
    co_return granted(Restrictable::device_type, find_device_type(call).name, call);
}

}  // namespace patchbay::rpc
