// SPDX-License-Identifier: Apache-2.0
// The machines of the lab's devices.
#include <limits>

#include "core/config/yaml.hpp"
#include "daemon/api/lab/change_worker.hpp"
#include "daemon/api/words.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/workers.hpp"
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

WorkerRow find_worker(const RpcCall& call) {
    const auto name = call.text(0);
    auto worker = Workers{call.lab.store.reader()}.find(name);
    if (!worker) throw Fault{404, "Worker '" + name + "' was not found."};
    return std::move(*worker);
}

}  // namespace

Task<config::Value> workers_list(RpcCall& call) {
    Query all;
    all.limit = -1;
    config::List names;
    for (const auto& worker : Workers{call.lab.store.reader()}.list(all)) {
        if (worker.health != WorkerHealth::retired || call.flag(0, true)) names.emplace_back(worker.hostname);
    }
    co_return names;
}

Task<config::Value> workers_show(RpcCall& call) {
    const auto worker = find_worker(call);
    config::List devices;
    for (const auto& device : all_devices_of(call, false)) {
        if (device.worker_host == worker.hostname) devices.emplace_back(device.hostname);
    }
    config::Map map;
    map.set("hostname", worker.hostname);
    map.set("description", or_nil(worker.description));
    map.set("state", to_string(WorkerState::online));
    map.set("health", to_string(worker.health));
    map.set("devices", std::move(devices));
    map.set("last_ping", rpc_time(wall_now()));  // it is this machine
    map.set("job_limit", worker.job_limit);
    map.set("version", call.lab.settings.version);
    map.set("default_config", true);
    map.set("default_env", true);
    map.set("default_env_dut", call.lab.settings.env_dut.is_null());
    co_return map;
}

Task<config::Value> workers_update(RpcCall& call) {
    const auto worker = find_worker(call);
    WorkerChange change;
    change.description = call.maybe_text(1);
    if (const auto word = call.maybe_text(2)) {
        const auto health = number_of_word(*word, WorkerHealth::retired, Case::ignored);
        if (!health) throw Fault{400, "Invalid health: " + *word};
        change.health = static_cast<WorkerHealth>(*health);
    }
    if (call.argument(3)) {
        const auto limit = call.number(3, 0);
        if (limit < 0 || limit > std::numeric_limits<int>::max()) throw Fault{400, "Invalid job limit"};
        change.job_limit = static_cast<int>(limit);
    }
    co_await change_worker(call.lab, worker.hostname, std::move(change), call.user->name);
    co_return config::Value{};
}

/// LAVA's files of a worker: none but env-dut is used here. Clients take 404 for "there is none".
Task<config::Value> workers_get_config(RpcCall& call) {
    throw Fault{404, "Worker '" + find_worker(call).hostname + "' does not have a dispatcher configuration"};
    co_return config::Value{};
}
Task<config::Value> workers_get_env(RpcCall& call) {
    throw Fault{404, "Worker '" + find_worker(call).hostname + "' does not have an env file"};
    co_return config::Value{};
}
Task<config::Value> workers_get_env_dut(RpcCall& call) {
    const auto worker = find_worker(call);
    const auto& variables = call.lab.settings.env_dut;
    if (variables.is_null()) throw Fault{404, "Worker '" + worker.hostname + "' does not have an env-dut file"};
    co_return config::Binary{config::dump_yaml(variables)};
}

Task<config::Value> workers_refused(RpcCall& call) {
    throw Fault{400, WorkerIsThisMachine{call.lab.settings.worker_host}.what()};
    co_return config::Value{};
}

}  // namespace patchbay::rpc
