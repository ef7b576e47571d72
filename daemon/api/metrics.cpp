// SPDX-License-Identifier: Apache-2.0
// What a monitor asks for each half minute: LAVA's numbers under LAVA's names, as text for Prometheus.
#include <algorithm>

#include "daemon/api/handlers.hpp"
#include "daemon/api/read.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

Query everything() {
    Query query;
    query.limit = -1;
    return query;
}

/// In lines of the text format 0.0.4.
class Metrics {
public:
    void begin(std::string_view name, std::string_view help) {
        name_ = name;
        text_.append("# HELP ")
            .append(name)
            .append(" ")
            .append(help)
            .append("\n# TYPE ")
            .append(name)
            .append(" gauge\n");
    }
    void value(std::int64_t number, const std::string& labels = {}) {
        text_ += name_ + labels + " " + std::to_string(number) + "\n";
    }
    void one(std::string_view name, std::string_view help, std::int64_t number) {
        begin(name, help);
        value(number);
    }
    std::string take() { return std::move(text_); }

private:
    std::string name_, text_;
};

bool may_run(const DeviceRow& device) {
    return device.health == DeviceHealth::good || device.health == DeviceHealth::unknown;
}
bool runs(const DeviceRow& device) { return device.state != DeviceState::idle; }

template <class Rows, class Condition>
std::int64_t count_if(const Rows& rows, Condition condition) {
    return std::count_if(rows.begin(), rows.end(), condition);
}

void write_devices(Metrics& metrics, const std::vector<DeviceRow>& devices, Database& db) {
    metrics.one("devices_online", "Devices that take jobs", count_if(devices, may_run));
    metrics.one("devices_not_retired", "Devices of the lab", static_cast<std::int64_t>(devices.size()));
    metrics.one("devices_running", "Devices that have a job", count_if(devices, runs));
    const auto checked = [](const DeviceRow& device) { return device.last_health_report_job.has_value(); };
    const auto passed = [&db](const DeviceRow& device) {
        const auto status =
            device.last_health_report_job ? Jobs{db}.status(*device.last_health_report_job) : std::nullopt;
        return status && status->health == JobHealth::complete;
    };
    metrics.one("devices_health_check_total", "Devices whose health was checked", count_if(devices, checked));
    metrics.one("devices_health_check_complete", "Devices whose last health check was complete",
                count_if(devices, passed));
}

void write_types(Metrics& metrics, const std::vector<DeviceRow>& devices, const Viewer& viewer, Database& db) {
    metrics.begin("device_type", "Devices of a type by what they do; queue: jobs that wait for it");
    const auto queues = Jobs{db}.queue_lengths();
    for (const auto& type : DeviceTypes{db}.list(everything(), viewer.hidden_types)) {
        if (!type.display) continue;
        const auto of_type = [&](auto condition) {
            return count_if(devices, [&](const DeviceRow& d) { return d.device_type == type.name && condition(d); });
        };
        const auto write = [&](const char* state, std::int64_t number) {
            metrics.value(number, "{name=\"" + type.name + "\",state=\"" + state + "\"}");
        };
        const auto maintained = [](const DeviceRow& d) { return !runs(d) && d.health == DeviceHealth::maintenance; };
        write("idle", of_type([](const DeviceRow& d) { return !runs(d) && may_run(d); }));
        write("busy", of_type(runs));
        write("offline", of_type([&](const DeviceRow& d) { return !runs(d) && !may_run(d) && !maintained(d); }));
        write("maintenance", of_type(maintained));
        const auto queue = std::ranges::find(queues, type.name, &Jobs::QueueLength::device_type);
        write("queue", queue == queues.end() ? 0 : queue->jobs);
    }
}

/// Each worker is the machine of a daemon that answers.
void write_workers(Metrics& metrics, Database& db) {
    auto workers = Workers{db}.list(everything());
    std::erase_if(workers, [](const WorkerRow& worker) { return worker.health == WorkerHealth::retired; });
    const auto of = [&](WorkerHealth health) {
        return count_if(workers, [health](const WorkerRow& worker) { return worker.health == health; });
    };
    const auto all = static_cast<std::int64_t>(workers.size());
    metrics.one("workers_not_retired", "Workers of the lab", all);
    metrics.one("workers_online", "Workers that answer", all);
    metrics.one("workers_offline", "Workers that do not answer", 0);
    metrics.one("workers_maintenance", "Workers in maintenance", of(WorkerHealth::maintenance));
    metrics.one("workers_active", "Workers that take jobs", of(WorkerHealth::active));
}

std::int64_t running_jobs(Database& db) {
    auto query = everything();
    query.conditions.push_back({find_filter(QueryList::jobs, "state")->field,
                                Lookup::exact,
                                {static_cast<std::int64_t>(JobState::running)},
                                false,
                                {}});
    return Jobs{db}.count(query, {.user = {}, .superuser = true});
}

}  // namespace

Task<Response> prometheus(Call& call) {
    auto write = [viewer = call.viewer()](Database& db) {
        const auto devices = Devices{db}.list(everything(), false, viewer.hidden_devices);
        Metrics metrics;
        write_devices(metrics, devices, db);
        metrics.one("jobs_running", "Jobs that run", running_jobs(db));
        write_types(metrics, devices, viewer, db);
        write_workers(metrics, db);
        return metrics.take();
    };
    Response response;
    response.body = co_await call.lab.store.read_on_worker(std::move(write));
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return response;
}

}  // namespace patchbay
