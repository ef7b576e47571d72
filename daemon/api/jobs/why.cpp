// SPDX-License-Identifier: Apache-2.0
// Why a job waits, device by device. LAVA has no such thing.
#include "daemon/schedule/why.hpp"

#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/scheduler.hpp"

namespace patchbay {
namespace {

void write_refusal(JsonWriter& json, const Refusal& refusal) {
    json.member("reason", to_string(refusal.hindrance)).member("text", refusal.text).member("until", refusal.until);
}

std::string why_json(const JobRow& job, const WaitingReasons& reasons) {
    JsonWriter json;
    const bool waits = job.state == JobState::submitted;
    json.begin_object().member("job", job.id).member("state", to_string(job.state)).member("waiting", waits);
    json.member("device_type", job.requested_device_type).member("actual_device", job.actual_device);
    json.member("priority", job.priority).member("submit_time", job.submit_time);
    json.member("leaves_queue", waits ? job.queue_expires : std::nullopt);
    json.key("rule");
    if (reasons.rule.empty())
        json.value(nullptr);
    else
        json.value(reasons.rule);
    json.key("always");
    if (reasons.always) {
        json.begin_object();
        write_refusal(json, *reasons.always);
        json.end_object();
    } else {
        json.value(nullptr);
    }
    json.key("devices").begin_array();
    for (const auto& answer : reasons.devices) {
        json.begin_object().member("device", answer.device);
        if (answer.refusal)
            write_refusal(json, *answer.refusal);
        else
            json.member("reason", nullptr).member("text", "takes this job next").member("until", nullptr);
        json.member("job", answer.job).end_object();
    }
    json.end_array().member("devices_left_out", reasons.left_out);
    json.key("group").begin_array();
    for (const auto& part : reasons.group) {
        json.begin_object().member("job", part.job).member("sub_id", part.sub_id).member("role", part.role);
        json.member("device_type", part.device_type).member("device_free", part.has_device).end_object();
    }
    json.end_array().end_object();
    return json.take();
}

}  // namespace

Task<Response> show_why(Call& call) {
    const auto job = find_job(call);
    WaitingReasons reasons;
    if (job.state == JobState::submitted) {
        auto ask = [&job, rules = call.lab.scheduler.sharing(), viewer = call.viewer()](Database& db) {
            return why_waits(db, job, wall_now(), *rules, viewer);
        };
        reasons = co_await read_store(call.lab, Cost::scan, std::move(ask));
    }
    co_return json_answer(200, why_json(job, reasons));
}

}  // namespace patchbay
