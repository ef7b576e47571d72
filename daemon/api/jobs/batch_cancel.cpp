// SPDX-License-Identifier: Apache-2.0
// Several jobs at once. One that is not there, is hidden, or is somebody else's is named in the answer, not an error of
// the whole call.
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/cancel.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

// Each is a write; a client that has more of them sends another call.
constexpr std::size_t most_ids = 1000;

/// Numbers, and texts: "6.0".
config::List wanted_ids(const Fields& fields) {
    const auto* value = fields.find("job_ids");
    if (!value) throw field_error("job_ids", "This field is required.");
    const auto* ids = value->as_list();
    if (!ids) throw field_error("job_ids", "Expected a list of items.");
    if (ids->size() > most_ids)
        throw field_error("job_ids",
                          "At most " + std::to_string(most_ids) + " jobs at once; send the rest in another call.");
    for (const auto& id : *ids) {
        if (!id.is_int() && !id.is_string()) throw field_error("job_ids", "A job's id is a number or a text.");
    }
    return *ids;
}

Task<bool> cancel_one(Call& call, std::string text) {
    const auto id = find_job_id(call.lab.store.reader(), text);
    const auto job = id ? Jobs{call.lab.store.reader()}.find(*id, call.viewer()) : std::nullopt;
    if (!job) co_return false;
    co_return co_await cancel_for(call.lab, *job, call.user) == CancelAnswer::told;
}

void write_ids(JsonWriter& json, std::string_view key, const config::List& ids) {
    json.key(key).begin_array();
    for (const auto& id : ids) {
        if (const auto* number = id.as_int()) {
            json.value(*number);
        } else {
            json.value(*id.as_string());
        }
    }
    json.end_array();
}

}  // namespace

Task<Response> batch_cancel(Call& call) {
    const auto ids = wanted_ids(Fields{call.request});
    config::List told, invalid;
    for (const auto& id : ids) {
        auto text = config::python_str(id);
        const bool canceled = co_await cancel_one(call, std::move(text));
        (canceled ? told : invalid).push_back(id);
    }
    JsonWriter json;
    json.begin_object().member("message", "Job cancel signal sent for job ids.");
    write_ids(json, "job_ids", told);
    write_ids(json, "invalid_job_ids", invalid);
    json.end_object();
    co_return json_answer(200, json.take());
}

}  // namespace patchbay
