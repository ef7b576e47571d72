// SPDX-License-Identifier: Apache-2.0
// What else a lab has.
#include <algorithm>

#include "daemon/api/lab/name_limits.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

config::Map outline(const TagRow& tag) {
    config::Map map;
    map.set("name", tag.name);
    map.set("description", or_nil(tag.description));
    return map;
}

TagRow find_tag(const RpcCall& call) {
    const auto name = call.text(0);
    auto tag = Devices{call.lab.store.reader()}.tag(name);
    if (!tag) throw Fault{404, "Tag '" + name + "' was not found."};
    return std::move(*tag);
}

}  // namespace

Task<config::Value> tags_add(RpcCall& call) {
    const auto name = short_text(call, 0, longest_tag);
    auto add = [name, description = call.maybe_text(1).value_or("")](Database& db) {
        Devices devices{db};
        if (devices.tag(name)) return false;
        devices.make_tag(name, description);
        return true;
    };
    const Deed deed{call.user->name, "tag.add", name, ""};
    if (!co_await write_audited(call.lab.store, deed, std::move(add)))
        throw Fault{400, "Bad request: tag already exists?"};
    co_return config::Value{};
}

Task<config::Value> tags_delete(RpcCall& call) {
    const auto tag = find_tag(call);
    auto remove = [tag](Database& db) { return Devices{db}.remove_tag(tag); };
    const Deed deed{call.user->name, "tag.delete", tag.name, ""};
    co_await write_audited(call.lab.store, deed, std::move(remove));
    co_return config::Value{};
}

Task<config::Value> tags_list(RpcCall& call) {
    Query all;
    all.limit = -1;
    config::List list;
    for (const auto& tag : Devices{call.lab.store.reader()}.tags(all)) list.emplace_back(outline(tag));
    co_return list;
}

Task<config::Value> tags_show(RpcCall& call) {
    const auto tag = find_tag(call);
    config::List devices;
    for (const auto& device : all_devices_of(call, true)) {
        if (std::ranges::find(device.tags, tag.id) != device.tags.end()) devices.emplace_back(device.hostname);
    }
    auto map = outline(tag);
    map.set("devices", std::move(devices));
    co_return map;
}

/// Empty without ZeroMQ.
Task<config::Value> get_publisher_event_socket(RpcCall& call) { co_return call.lab.settings.events.socket(); }

}  // namespace patchbay::rpc
