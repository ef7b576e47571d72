// SPDX-License-Identifier: Apache-2.0
// What became of a job's callbacks and mails. LAVA has nothing like it: there, what fails is in the server's log.
#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

void write_notification(JsonWriter& json, const NotificationRow& row) {
    const bool waits = row.phase == NotificationPhase::waiting;
    json.begin_object().member("id", row.id).member("kind", to_string(row.kind)).member("address", row.address);
    json.member("job_state", to_string(row.job_state)).member("job_health", to_string(row.job_health));
    json.member("state", to_string(row.phase)).member("created", row.created).member("attempts", row.attempts);
    json.member("last_attempt", row.last_attempt);
    json.member("next_attempt", waits ? std::optional{row.due} : std::nullopt);
    json.member("status", row.status != 0 ? std::optional{row.status} : std::nullopt);
    json.member("problem", row.problem).end_object();
}

}  // namespace

Task<Response> list_notifications(Call& call) {
    const auto job = find_job(call);
    const auto rows = Outbox{call.lab.store.reader()}.of_job(job.id);
    JsonWriter json;
    json.begin_object().member("count", static_cast<std::int64_t>(rows.size())).key("results").begin_array();
    for (const auto& row : rows) write_notification(json, row);
    json.end_array().end_object();
    co_return json_answer(200, json.take());
}

Task<Response> retry_notifications(Call& call) {
    const auto job = find_job(call);
    if (!call.user->superuser && call.user->name != job.submitter) throw permission_denied();
    auto retry = [id = job.id, who = call.user->name](Database& db) {
        const auto count = Outbox{db}.retry_job(id, wall_now());
        if (count > 0)
            Audit{db}.record(
                {who, "notification.retry", std::to_string(id.value), std::to_string(count) + " of the job"},
                wall_now());
        return count;
    };
    const auto count = co_await call.lab.store.write(std::move(retry));
    call.lab.events.publish(job.id);
    co_return message_answer(std::to_string(count) + " notification(s) will be sent again.");
}

}  // namespace patchbay
