// SPDX-License-Identifier: Apache-2.0
// What a user may see and do; of others a superuser may ask.
#include "daemon/store/rights.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/handlers.hpp"

namespace patchbay::rpc {
namespace {

std::vector<std::string> names(const RpcCall& call, std::string_view what) {
    auto texts = call.texts(0, what);
    if (!texts) throw Fault{400, std::string{what} + " argument must be a list"};
    return std::move(*texts);
}

UserRow asked_about(const RpcCall& call) {
    const auto name = call.maybe_text(1).value_or(call.user->name);
    if (name == call.user->name) return *call.user;
    if (!call.user->superuser) throw Fault{403, "User '" + call.user->name + "' is not a superuser."};
    auto user = Users{call.lab.store.reader()}.find(name);
    if (!user) throw Fault{404, "User '" + name + "' was not found."};
    return std::move(*user);
}

}  // namespace

/// Bundles went from LAVA long ago.
Task<config::Value> user_can_view_bundles(RpcCall&) { co_return false; }

/// Unknown jobs are left out.
Task<config::Value> user_can_view_jobs(RpcCall& call) {
    const auto ids = names(call, "job list");
    auto& db = call.lab.store.reader();
    const auto viewer = viewer_of(db, asked_about(call));
    Jobs jobs{db};
    config::Map map;
    for (const auto& text : ids) {
        const auto id = find_job_id(call.lab.store.reader(), text);
        if (id && jobs.submitter(*id)) map.set(text, jobs.find(*id, viewer).has_value());
    }
    co_return map;
}

/// {type: [{hostname: {...}}]}
Task<config::Value> user_can_view_devices(RpcCall& call) {
    const auto hosts = names(call, "device list");
    auto& db = call.lab.store.reader();
    const auto viewer = viewer_of(db, asked_about(call));
    Devices devices{db};
    config::Map visible, hidden;
    for (const auto* right : {"is_pipeline", "visible", "exclusive"}) visible.set(right, true);
    hidden.set("visible", false);
    config::Map map;
    for (const auto& host : hosts) {
        const auto device = devices.find(host);
        if (!device) continue;
        config::Map one;
        one.set(host, viewer.sees_device(host) ? visible : hidden);
        if (!map.contains(device->device_type)) map.set(device->device_type, config::List{});
        map.find(device->device_type)->as_list()->emplace_back(std::move(one));
    }
    co_return map;
}

/// Of the type itself; a device can say otherwise for itself.
Task<config::Value> user_can_submit_to_types(RpcCall& call) {
    const auto types = names(call, "type list");
    const auto user = asked_about(call);
    auto& db = call.lab.store.reader();
    const Rights rights{db, user};
    config::Map map;
    for (const auto& type : types) {
        if (DeviceTypes{db}.find(type)) map.set(type, user.active && rights.on_type(Permission::submit, type));
    }
    co_return map;
}

}  // namespace patchbay::rpc
