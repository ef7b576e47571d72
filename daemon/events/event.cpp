// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/event.hpp"

#include "daemon/events/python_json.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay {
namespace {

// Whose events those are that no user caused.
constexpr std::string_view server_user = "lavaserver";

struct Told {
    std::string_view kind;  ///< the last part of the topic
    std::string user;
    std::string data;
    Sight sight;
    std::string worker = {};
};

/// Times inside the data are aware ones.
std::string zoned(WallTime time) { return python_time(time) + "+00:00"; }

std::optional<std::string> zoned(std::optional<WallTime> time) {
    if (!time) return std::nullopt;
    return zoned(*time);
}

/// As it was at the change.
JobSight sight_of(const ToldJob& job, const std::optional<std::string>& device) {
    auto sight = job.sight;
    sight.device = device;
    return sight;
}

/// Why the device is not Good, as far as everybody may read it who hears of the device: what a job said only if all of
/// them see the job.
std::optional<std::string> told_reason(const DeviceNews& change, Database& db) {
    if (change.health == DeviceHealth::good) return std::nullopt;
    const auto history = Devices{db}.health_history(change.device, 1);
    if (history.empty()) return std::nullopt;
    const auto& reason = history[0].reason;
    const auto job = reason.job ? told_job(db, *reason.job) : std::nullopt;
    const bool is_public = job && job->sight.visibility == 0 && job->sight.device == change.device;
    return is_public ? reason.whole() : reason.text;
}

/// The keys in LAVA's order (lava_scheduler_app/signals.py).
std::optional<Told> tell(const JobNews& change, Database& db) {
    const auto job = told_job(db, change.job);
    if (!job) return std::nullopt;
    PythonObject data;
    data.add("health", to_string(change.health)).add("state", to_string(change.state)).add("job", change.job.value);
    data.add("description", job->description).add("priority", std::int64_t{change.priority});
    data.add("submit_time", zoned(job->submit_time)).add("submitter", job->submitter);
    data.add("health_check", job->health_check);
    if (!job->sub_id.empty()) data.add("sub_id", job->sub_id);
    data.add_known("device", change.device);
    const auto device = change.device ? told_device(db, *change.device) : std::nullopt;
    if (device) data.add("worker", device->worker);
    data.add_known("device_type", job->sight.device_type);
    data.add_known("start_time", zoned(change.start_time)).add_known("end_time", zoned(change.end_time));
    return Told{"testjob", job->submitter, data.take(), sight_of(*job, change.device), device ? device->worker : ""};
}

std::optional<Told> tell(const DeviceNews& change, Database& db) {
    const auto device = told_device(db, change.device);
    if (!device) return std::nullopt;
    PythonObject data;
    data.add("health", to_string(change.health)).add("state", to_string(change.state)).add("device", change.device);
    data.add("device_type", device->device_type);
    if (device->worker.empty()) {
        data.add_null("worker");
    } else {
        data.add("worker", device->worker);
    }
    if (change.job) {
        const auto job = told_job(db, *change.job);
        if (job && !job->sub_id.empty()) {
            data.add("job", job->sub_id);
        } else {
            data.add("job", change.job->value);
        }
    }
    data.add_known("health_reason", told_reason(change, db));  // ours
    return Told{"device", std::string{server_user}, data.take(), DeviceInSight{change.device}};
}

std::optional<Told> tell(const WorkerNews& change, Database&) {
    PythonObject data;
    data.add("hostname", change.worker).add("health", to_string(change.health));
    data.add("state", to_string(change.state));
    return Told{"worker", std::string{server_user}, data.take(), {}};
}

std::optional<Told> tell(const JobMessage& message, Database& db) {
    const auto job = told_job(db, message.job);
    if (!job) return std::nullopt;
    PythonObject data;
    data.add("message", message.text).add("job", message.job.value);
    return Told{"event", std::string{server_user}, data.take(), job->sight};
}

}  // namespace

std::string as_list(const Event& event) {
    std::string out = "[";
    out.reserve(event.data.size() * 5 / 4 + 200);
    for (const auto* text : {&event.topic, &event.uuid, &event.time, &event.user, &event.data}) {
        if (out.size() > 1) out += ", ";
        append_python_string(out, *text);
    }
    return out + "]";
}

std::optional<Event> EventTexts::of(const Change& change, Database& db, WallTime now) {
    auto told = std::visit([&db](const auto& what) { return tell(what, db); }, change);
    if (!told) return std::nullopt;
    return Event{topic_ + "." + std::string{told->kind},
                 uuids_.next(now),
                 python_time(now),
                 std::move(told->user),
                 std::move(told->data),
                 std::move(told->sight),
                 std::move(told->worker)};
}

}  // namespace patchbay
