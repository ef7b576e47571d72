// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/leases/lease.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

LeaseOfPerson find_lease(const Call& call) {
    auto job = find_job(call);
    auto session = Sessions{call.lab.store.reader()}.find(job.id);
    if (!session) throw not_found();
    return {std::move(job), std::move(*session)};
}

LeaseOfPerson find_own_lease(const Call& call) {
    auto lease = find_lease(call);
    if (!Rights{call.lab.store.reader(), call.user}.change_job(lease.job)) throw permission_denied();
    return lease;
}

std::shared_ptr<SessionLink> find_link(Services& lab, const JobRow& job) {
    auto link = lab.supervisor.session(job.id);
    if (link) return link;
    const auto number = std::to_string(job.id.value);
    throw api_error(409, "detail",
                    job.state == JobState::submitted
                        ? "Lease " + number + " waits in the queue; 'patchbay why " + number + "' says what for."
                        : "Lease " + number + " is over.");
}

void write_lease(JsonWriter& json, const LeaseOfPerson& lease) {
    const auto& [job, session] = lease;
    json.begin_object().member("id", job.id).member("user", job.submitter);
    json.member("device", job.actual_device ? job.actual_device : null_if_empty(job.requested_device));
    json.member("device_type", job.requested_device_type).member("state", to_string(job.state));
    json.member("note", session.note).member("priority", job.priority);
    json.member("time", std::int64_t{session.time.count()});
    std::optional<std::int64_t> idle;
    if (session.idle_release) idle = session.idle_release->count();
    json.member("idle_release", idle).member("submitted", job.submit_time).member("started", job.start_time);
    json.member("ends", session.ends).member("end_reason", null_if_empty(session.end_reason)).end_object();
}

Response lease_answer(int status, Services& lab, JobId job) {
    auto& db = lab.store.reader();
    const auto row = Jobs{db}.find(job);
    const auto session = Sessions{db}.find(job);
    if (!row || !session) throw not_found();
    JsonWriter json;
    write_lease(json, {*row, *session});
    return json_answer(status, json.take());
}

Task<Response> list_leases(Call& call) {
    auto& db = call.lab.store.reader();
    const auto viewer = call.viewer();
    JsonWriter json;
    std::int64_t count = 0;
    JsonWriter list;
    list.begin_array();
    for (auto& session : Sessions{db}.open()) {
        auto job = Jobs{db}.find(session.job, viewer);
        if (!job) continue;
        write_lease(list, {std::move(*job), std::move(session)});
        ++count;
    }
    list.end_array();
    json.begin_object().member("count", count).key("results").raw(list.take()).end_object();
    co_return json_answer(200, json.take());
}

Task<Response> show_lease(Call& call) {
    const auto lease = find_lease(call);
    co_return lease_answer(200, call.lab, lease.job.id);
}

}  // namespace patchbay
