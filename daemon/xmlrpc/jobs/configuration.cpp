// SPDX-License-Identifier: Apache-2.0
// The files that a job was started with, as LAVA names them.
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/api/jobs/shown_definitions.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/lease_files.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"

namespace patchbay::rpc {
namespace {

/// The device as it is configured now, with the context of the job; nil when the job could not use it. Parses the
/// definition.
Task<config::Value> rendered(DeviceRow device, std::string definition, Services& lab) {
    try {
        auto text = co_await device_yaml(std::move(device), std::move(definition), "/nonexistent", lab.store.reader(),
                                         lab.settings, lab.checkers);
        co_return config::Binary{std::move(text)};
    } catch (const JobError&) {
        co_return config::Value{};
    } catch (const ConfigurationError&) {
        co_return config::Value{};
    }
}

/// nil when there is no such device (any more) or it is hidden from who asks, too.
Task<config::Value> device_of(RpcCall& call, const JobRow& job) {
    auto& db = call.lab.store.reader();
    const auto device = job.actual_device ? Devices{db}.find(*job.actual_device) : std::nullopt;
    if (!device || !call.viewer().sees_device(device->hostname)) co_return config::Value{};
    co_return co_await rendered(*device, job.definition, call.lab);
}

}  // namespace

/// [definition, device, dispatcher, env, env-dut]; the third and fourth are files of LAVA's workers.
Task<config::Value> jobs_configuration(RpcCall& call) {
    const auto job = find_job(call);
    if (job.state < JobState::running) throw Fault{404, "Job '" + call.text(0) + "' has not started yet"};
    config::List files;
    auto shown = co_await shown_definitions(call.lab, job, call.user);
    auto device = co_await device_of(call, job);
    files.emplace_back(config::Binary{std::move(shown.definition)});
    files.push_back(std::move(device));
    files.emplace_back();
    files.emplace_back();
    const auto& variables = call.lab.settings.env_dut;
    files.push_back(variables.is_null() ? config::Value{}
                                        : config::Value{config::Binary{config::dump_yaml(variables)}});
    co_return files;
}

}  // namespace patchbay::rpc
