// SPDX-License-Identifier: Apache-2.0
// What a worker's runner needs for one attempt: five files.
#include <spdlog/spdlog.h>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/lease_files.hpp"
#include "daemon/workers/attempt_at_worker.hpp"
#include "daemon/workers/caller.hpp"
#include "daemon/workers/end_of_attempt.hpp"
#include "daemon/workers/handlers.hpp"
#include "daemon/workers/job_secrets.hpp"
#include "devices/qemu_accelerator.hpp"

namespace patchbay {
namespace {

/// Empty: there is none.
std::string yaml_or_empty(const config::Value& value) { return value.is_null() ? "" : config::dump_yaml(value); }

/// As LAVA's templates render it: our own keys say nothing to LAVA.
std::string device_file(const std::string& hostname, const std::string& text) {
    try {
        auto rendered = config::parse_yaml(text);
        if (auto* map = rendered.as_map()) {
            tell_lava_accelerator(*map);
            map->erase("driver");
            map->erase("driver_options");
        }
        return config::dump_yaml(rendered);
    } catch (const config::YamlError& error) {
        throw ConfigurationError{"device " + hostname + ": its file is not YAML: " + error.what()};
    }
}

/// Throws: ConfigurationError, JobError.
Task<config::Map> job_files(LeaseRow lease, Services& lab) {
    auto& reader = lab.store.reader();
    const auto job = Jobs{reader}.find(lease.job);
    const auto device = Devices{reader}.find(lease.device);
    if (!job || !device) throw ConfigurationError{"device " + lease.device + " is not there any more"};
    const auto device_text =
        co_await device_yaml(*device, job->definition, "/nonexistent", reader, lab.settings, lab.checkers);
    const auto worker = lab.settings.worker(lease.worker);
    config::Map files;
    files.set("definition", secret_job(reader, lease.job).filled().text);
    files.set("device", device_file(lease.device, device_text));
    files.set("dispatcher", yaml_or_empty(worker.dispatcher));
    files.set("env", yaml_or_empty(worker.env));
    files.set("env-dut", yaml_or_empty(worker.env_dut.is_null() ? lab.settings.env_dut : worker.env_dut));
    co_return files;
}

}  // namespace

Task<Response> give_job_files(Call& call) {
    const auto lease = attempt_of(call.request, call.path_values[0], call.lab);
    if (lease.phase == LeaseRow::Phase::closed)
        throw worker_error(400, "Job '" + call.path_values[0] + "' is over, or another attempt has begun");
    std::string error_type, problem;
    try {
        auto files = co_await job_files(lease, call.lab);
        co_return worker_answer(std::move(files));
    } catch (const ConfigurationError& error) {
        error_type = to_string(error.type());
        problem = describe(error);
    } catch (const JobError& error) {
        error_type = to_string(error.type());
        problem = describe(error);
    }
    auto end = [id = lease.id, error_type, problem](Database& db) {
        end_unbegun(db, id, error_type, problem, wall_now());
    };
    co_await call.lab.store.write(std::move(end));
    spdlog::error("job cannot be given to its worker job={} device={} worker={} error=\"{}\"", lease.job.value,
                  lease.device, lease.worker, problem);
    attempt_has_ended(lease, call.lab);
    throw worker_error(400, problem);
}

}  // namespace patchbay
