// SPDX-License-Identifier: Apache-2.0
// The machines of the lab's devices.
#include <limits>

#include "core/config/yaml.hpp"
#include "daemon/api/lab/change_worker.hpp"
#include "daemon/api/words.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audited.hpp"
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

/// Its own, else the lab's.
config::Value env_dut_of(const RpcCall& call, const std::string& worker) {
    const auto own = call.lab.settings.worker(worker).env_dut;
    return own.is_null() ? call.lab.settings.env_dut : own;
}

config::Value file_or_fault(const config::Value& content, const std::string& worker, const std::string& what) {
    if (content.is_null()) throw Fault{404, "Worker '" + worker + "' does not have " + what};
    return config::Binary{config::dump_yaml(content)};
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
    map.set("state", to_string(worker.state));
    map.set("health", to_string(worker.health));
    map.set("devices", std::move(devices));
    map.set("last_ping", rpc_time(worker.remote ? worker.last_ping : wall_now()));  // this machine answers
    map.set("job_limit", worker.job_limit);
    map.set("version", worker.remote ? worker.version : call.lab.settings.version);
    const auto files = call.lab.settings.worker(worker.hostname);
    map.set("default_config", files.dispatcher.is_null());
    map.set("default_env", files.env.is_null());
    map.set("default_env_dut", env_dut_of(call, worker.hostname).is_null());
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

/// LAVA's files of a worker. Clients take 404 for "there is none".
Task<config::Value> workers_get_config(RpcCall& call) {
    const auto name = find_worker(call).hostname;
    co_return file_or_fault(call.lab.settings.worker(name).dispatcher, name, "a dispatcher configuration");
}
Task<config::Value> workers_get_env(RpcCall& call) {
    const auto name = find_worker(call).hostname;
    co_return file_or_fault(call.lab.settings.worker(name).env, name, "an env file");
}
Task<config::Value> workers_get_env_dut(RpcCall& call) {
    const auto name = find_worker(call).hostname;
    co_return file_or_fault(env_dut_of(call, name), name, "an env-dut file");
}

Task<config::Value> workers_refused(RpcCall& call) {
    throw Fault{400, WorkerOfTheFile{call.text(0)}.what()};
    co_return config::Value{};
}

Task<config::Value> workers_delete(RpcCall& call) {
    const auto name = find_worker(call).hostname;
    auto remove = [name](Database& db) {
        if (!Workers{db}.remove(name)) throw WorkerOfTheFile{name};
    };
    const Deed deed{call.user->name, "worker.delete", name, ""};
    co_await write_audited(call.lab.store, deed, std::move(remove));
    co_return config::Value{};
}

/// The answer is the worker's token. LAVA's is nil, and superusers find the token in workers.show; here only its hash
/// is kept.
Task<config::Value> workers_add(RpcCall& call) {
    const auto name = call.text(0);
    if (!is_device_name(name)) throw Fault{400, "Invalid worker name"};
    WorkerChange as;
    as.description = call.maybe_text(1);
    if (call.flag(2, false)) as.health = WorkerHealth::retired;
    try {
        co_return co_await add_worker(call.lab, name, std::move(as), call.user->name);
    } catch (const NoNewWorker& refusal) {
        if (refusal.why == NoNewWorker::Why::known) throw Fault{400, "Bad request: worker already exists?"};
        throw;
    }
}

}  // namespace patchbay::rpc
