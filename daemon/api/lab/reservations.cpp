// SPDX-License-Identifier: Apache-2.0
// Devices that people keep for themselves for a while. LAVA has no such thing.
#include "daemon/store/reservations.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/lab/find_device.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/schedule/sharing_view.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

constexpr std::chrono::seconds longest_of_all = std::chrono::hours{24 * 30};
constexpr std::chrono::seconds usual_idle_release = std::chrono::hours{1};
constexpr std::size_t longest_reason = 200;

/// For a job that the viewer does not see a device is reserved for nobody in particular.
bool is_shown(const Reservation& reservation, const Viewer& viewer, Database& db) {
    return !reservation.job || Jobs{db}.is_seen(*reservation.job, viewer);
}

void write_reservation(JsonWriter& json, const Reservation& reservation, const Viewer& viewer, Database& db) {
    const bool shown = is_shown(reservation, viewer, db);
    json.begin_object().member("device", reservation.device);
    json.member("user", shown ? std::optional{reservation.user_name} : std::nullopt);
    json.member("job", shown ? reservation.job : std::nullopt)
        .member("made", reservation.made)
        .member("until", reservation.until);
    std::optional<std::int64_t> idle;
    if (reservation.idle_release) idle = reservation.idle_release->count();
    json.member("idle_release", idle).member("ends", reservation.ends()).member("in_use", reservation.in_use);
    json.member("reason", reservation.reason).end_object();
}

std::chrono::seconds longest_for(Call& call, const DeviceRow& device) {
    const auto rules = call.lab.scheduler.sharing();
    SharingView view{call.lab.store.reader(), *rules, device.device_type, wall_now()};
    const auto* rule = view.rule_of(call.user->id);
    if (!rule || call.user->superuser) return longest_of_all;
    if (!rule->max_reservation)
        throw field_error("for", "rule '" + rule->name + "' of this lab lets you reserve nothing");
    return std::min(*rule->max_reservation, longest_of_all);
}

DeviceRow find_reservable_device(const Call& call) {
    auto device = find_device(call);
    if (device.health == DeviceHealth::retired) throw not_found();
    return device;
}

}  // namespace

Task<Response> list_reservations(Call& call) {
    JsonWriter json;
    auto& db = call.lab.store.reader();
    const auto viewer = call.viewer();
    auto all = Reservations{db}.list(wall_now());
    std::erase_if(all, [&viewer](const Reservation& one) { return !viewer.sees_device(one.device); });
    json.begin_object().member("count", static_cast<std::int64_t>(all.size())).key("results").begin_array();
    for (const auto& one : all) write_reservation(json, one, viewer, db);
    json.end_array().end_object();
    co_return json_answer(200, json.take());
}

/// Also for a longer or a shorter time than before, from now on.
Task<Response> reserve_device(Call& call) {
    const auto device = find_reservable_device(call);
    const Rights rights{call.lab.store.reader(), call.user};
    if (!rights.on_device(Permission::submit, device.hostname, device.device_type)) throw permission_denied();
    const Fields fields{call.request};
    const auto time = fields.duration("for");
    if (!time || *time < std::chrono::seconds{1}) throw field_error("for", "say for how long, like 2h");
    const auto longest = longest_for(call, device);
    if (*time > longest) throw field_error("for", "may be " + format_time(longest) + " at most");
    Reservation wanted;
    wanted.device = device.hostname;
    wanted.user = call.user->id;
    wanted.idle_release = fields.duration("idle_release").value_or(usual_idle_release);
    if (*wanted.idle_release == std::chrono::seconds{0}) wanted.idle_release.reset();
    wanted.reason = fields.text("reason").value_or("");
    if (wanted.reason.size() > longest_reason)
        throw field_error("reason", "may have " + std::to_string(longest_reason) + " bytes at most");
    auto put = [wanted, time, who = call.user->name](Database& db) mutable {
        const auto now = wall_now();
        wanted.until = now + *time;
        Reservations reservations{db};
        reservations.remove_ended(now);
        const bool taken = reservations.put(wanted, now);
        if (taken) Audit{db}.record({who, "device.reserve", wanted.device, wanted.reason}, now);
        return std::pair{taken, reservations.find(wanted.device, now)};
    };
    const auto result = co_await call.lab.store.write(std::move(put));
    const auto& [taken, reservation] = result;
    if (!taken) {
        const bool shown = is_shown(*reservation, call.viewer(), call.lab.store.reader());
        throw api_error(409, "detail",
                        "Device '" + device.hostname + "' is reserved for " +
                            (shown ? reservation->user_name : "another job") + ".");
    }
    call.lab.scheduler.wake(device.device_type);
    JsonWriter json;
    write_reservation(json, *reservation, call.viewer(), call.lab.store.reader());
    co_return json_answer(201, json.take());
}

Task<Response> release_device(Call& call) {
    using Release = Reservations::Release;
    const auto device = find_reservable_device(call);
    std::optional<UserId> whose = call.user->id;
    if (call.user->superuser) whose.reset();
    // Asked where it is done: meanwhile the device may have become somebody else's.
    auto release = [hostname = device.hostname, whose, who = call.user->name](Database& db) {
        const auto now = wall_now();
        const auto done = Reservations{db}.release(hostname, whose, now);
        if (done == Release::done) Audit{db}.record({who, "device.release", hostname, ""}, now);
        return done;
    };
    const auto done = co_await call.lab.store.write(std::move(release));
    if (done == Release::anothers) throw permission_denied();
    call.lab.scheduler.wake(device.device_type);
    co_return message_answer(done == Release::done ? "Device released." : "The device was not reserved.");
}

}  // namespace patchbay
