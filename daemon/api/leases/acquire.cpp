// SPDX-License-Identifier: Apache-2.0
// POST /api/v0.2/leases/: somebody wants to work at a board.
#include <algorithm>

#include "core/config/yaml.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/api/jobs/wanted_devices.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/schedule/queue_limits.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

constexpr std::chrono::seconds usual_time = std::chrono::hours{2};
constexpr std::chrono::seconds usual_idle_release = std::chrono::hours{1};
constexpr std::size_t longest_note = 200;
constexpr std::int64_t usual_priority = 50;

bool is_remote(Database& db, const DeviceRow& device) {
    static const auto sql = std::string{remote_workers_sql} + " AND worker.hostname = $1";
    return db.run(sql, device.worker_host)->step();
}

/// A remote worker runs LAVA's runner, and that only jobs.
ApiError runs_only_jobs(const std::string& field, const DeviceRow& device) {
    return field_error(field, "device " + device.hostname + " is at worker " + device.worker_host +
                                  ", which runs only jobs; acquire one of this machine by its name");
}

void want_device(Call& call, NewJob& job, const std::string& hostname) {
    auto& db = call.lab.store.reader();
    const auto device = Devices{db}.find(hostname);
    if (!device || !call.viewer().sees_device(hostname) || device->health == DeviceHealth::retired)
        throw field_error("device", "there is no device '" + hostname + "'; patchbay devices lists them");
    const Rights rights{db, call.user};
    if (!rights.on_device(Permission::submit, hostname, device->device_type)) throw permission_denied();
    if (is_remote(db, *device)) throw runs_only_jobs("device", *device);
    job.requested_device = hostname;
    job.requested_device_type = device->device_type;
}

void want_type(Call& call, NewJob& job, const std::string& type, const config::Value* tags) {
    static const auto type_filter = *find_filter(QueryList::devices, "device_type");
    auto& db = call.lab.store.reader();
    const WantedDevices wanted{db, type, *call.user};
    Devices devices{db};
    const config::List none;
    const auto* list = tags ? tags->as_list() : &none;
    if (!list) throw field_error("tags", "Expected a list of items.");
    for (const auto& name : *list) {
        const auto text = config::python_str(name);
        const auto tag = devices.tag(text);
        if (!tag) throw field_error("tags", "there is no tag '" + text + "'");
        if (std::ranges::find(job.tags, tag->id) == job.tags.end()) job.tags.push_back(tag->id);
    }
    wanted.check_tags(job.tags);
    job.requested_device_type = wanted.type();
    Query of_type;
    of_type.limit = -1;
    of_type.conditions.push_back({type_filter.field, Lookup::exact, {wanted.type()}, false, {}});
    for (const auto& device : devices.list(of_type))
        if (is_remote(db, device)) throw runs_only_jobs("device_type", device);
}

SessionRow read_session(const Fields& fields) {
    SessionRow session;
    session.time = fields.duration("time").value_or(usual_time);
    if (session.time < std::chrono::seconds{1} || session.time > longest_lease)
        throw field_error("time", "may be from 1s to 30d");
    session.idle_release = fields.duration("idle_release").value_or(usual_idle_release);
    if (*session.idle_release == std::chrono::seconds{0}) session.idle_release.reset();
    session.note = fields.text("note").value_or("");
    if (session.note.size() > longest_note)
        throw field_error("note", "may have " + std::to_string(longest_note) + " bytes at most");
    return session;
}

/// What clients of jobs see of it; the runner has its own words (lease.json).
std::string definition_of(const NewJob& job, const SessionRow& session) {
    config::Map seconds, timeouts, map;
    seconds.set("seconds", std::int64_t{session.time.count()});
    timeouts.set("job", std::move(seconds));
    map.set("actions", config::List{});
    map.set("device_type", *job.requested_device_type);
    map.set("job_name", job.description);
    map.set("priority", job.priority);
    map.set("timeouts", std::move(timeouts));
    map.set("visibility", job.visibility == Visibility::personal ? "personal" : "public");
    return config::dump_yaml(config::Value{std::move(map)}, config::KeyOrder::sorted);
}

NewJob read_job(Call& call, const Fields& fields, const SessionRow& session) {
    NewJob job;
    job.submitter = call.user->id;
    const auto device = fields.text("device");
    const auto type = fields.text("device_type");
    if (device.has_value() == type.has_value()) throw field_error("device", "name a device, or a device_type");
    if (device)
        want_device(call, job, *device);
    else
        want_type(call, job, *type, fields.find("tags"));
    const auto priority = fields.number("priority").value_or(usual_priority);
    if (priority < 0 || priority > 100) throw field_error("priority", "is from 0 to 100");
    job.priority = static_cast<int>(priority);
    const auto visibility = fields.text("visibility").value_or("public");
    if (visibility != "public" && visibility != "personal") throw not_a_choice("visibility", visibility);
    job.visibility = visibility == "personal" ? Visibility::personal : Visibility::everyone;
    job.description = session.note.empty() ? "lease" : "lease: " + session.note;
    job.run_limit = session.time;
    if (const auto limit = call.lab.settings.default_queue_timeout; limit.count() > 0) job.queue_timeout = limit;
    job.definition = job.original_definition = definition_of(job, session);
    return job;
}

}  // namespace

Task<Response> acquire_lease(Call& call) {
    const Fields fields{call.request};
    const auto session = read_session(fields);
    auto job = read_job(call, fields, session);
    auto also = [session, who = call.user->name,
                 what = job.requested_device.empty() ? *job.requested_device_type : job.requested_device](Database& db,
                                                                                                          JobId id) {
        auto row = session;
        row.job = id;
        Sessions{db}.insert(row);
        Audit{db}.record({who, "lease.acquire", std::to_string(id.value), what + " " + row.note}, wall_now());
    };
    JobId id;
    try {
        id = co_await call.lab.scheduler.submit(std::move(job), call.lab.settings.queue_limits, also);
    } catch (const QueueFull& full) {
        throw SubmissionRefused{SubmissionRefused::Reason::queue_full, full.what()};
    }
    co_return lease_answer(201, call.lab, id);
}

}  // namespace patchbay
