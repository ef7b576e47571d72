// SPDX-License-Identifier: Apache-2.0
// Devices in the words that LAVA had before state and health.
#include <algorithm>

#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

bool may_run(const DeviceRow& device) {
    return device.health == DeviceHealth::good || device.health == DeviceHealth::unknown;
}

std::string_view status_of(const DeviceRow& device) {
    if (device.state == DeviceState::running) return "running";
    if (device.state == DeviceState::reserved) return "reserved";
    if (may_run(device)) return "idle";
    return device.health == DeviceHealth::retired ? "retired" : "offline";
}

std::vector<DeviceTypeRow> displayed_types(const RpcCall& call) {
    auto types = all_types_of(call);
    std::erase_if(types, [](const DeviceTypeRow& type) { return !type.display; });
    return types;
}

}  // namespace

/// [hostname, type, status, job, true]
Task<config::Value> all_devices(RpcCall& call) {
    config::List list;
    for (const auto& device : all_devices_of(call, false)) {
        config::List row{device.hostname, device.device_type, status_of(device)};
        row.push_back(job_of(device));
        row.emplace_back(true);
        list.emplace_back(std::move(row));
    }
    co_return list;
}

Task<config::Value> all_device_types(RpcCall& call) {
    const auto devices = all_devices_of(call, false);
    config::List list;
    for (const auto& type : displayed_types(call)) {
        std::int64_t total = 0, busy = 0, idle = 0, offline = 0;
        for (const auto& device : devices) {
            if (device.device_type != type.name) continue;
            ++total;
            if (device.state != DeviceState::idle) {
                ++busy;
            } else if (may_run(device)) {
                ++idle;
            } else if (device.health != DeviceHealth::maintenance) {
                ++offline;
            }
        }
        if (total == 0) continue;
        config::Map map;
        map.set("name", type.name);
        map.set("busy", busy);
        map.set("idle", idle);
        map.set("offline", offline);
        list.emplace_back(std::move(map));
    }
    co_return list;
}

Task<config::Value> pending_jobs_by_device_type(RpcCall& call) {
    const auto queues = Jobs{call.lab.store.reader()}.queue_lengths();
    config::Map map;
    for (const auto& type : displayed_types(call)) {
        const auto queue = std::ranges::find(queues, type.name, &Jobs::QueueLength::device_type);
        map.set(type.name, queue == queues.end() ? std::int64_t{0} : queue->jobs);
    }
    co_return map;
}

Task<config::Value> get_device_status(RpcCall& call) {
    const auto device = find_device(call);
    config::Map map;
    map.set("hostname", device.hostname);
    map.set("status", status_of(device));
    map.set("job", job_of(device));
    map.set("offline_since", config::Value{});
    map.set("offline_by", config::Value{});
    map.set("is_pipeline", true);
    co_return map;
}

}  // namespace patchbay::rpc
