// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/master_config.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

Task<Response> api_index(Call& call) {
    constexpr std::array<std::string_view, 12> entries{"aliases",
                                                       "devices",
                                                       "devicetypes",
                                                       "groups",
                                                       "jobs",
                                                       "permissions/devicetypes",
                                                       "permissions/devices",
                                                       "remote-artifact-tokens",
                                                       "system",
                                                       "tags",
                                                       "users",
                                                       "workers"};
    JsonWriter json;
    json.begin_object();
    for (const auto entry : entries)
        json.member(entry, call.request.base_url + "/api/v0.2/" + std::string{entry} + "/");
    json.end_object();
    co_return json_answer(200, json.take());
}

Task<Response> empty_index(Call&) { co_return json_answer(200, "{}"); }

Task<Response> system_index(Call&) {
    auto response = json_answer(200, "");
    response.content_type.clear();
    co_return response;
}

Task<Response> system_version(Call& call) {
    JsonWriter json;
    json.begin_object().member("version", call.lab.settings.version).end_object();
    co_return json_answer(200, json.take());
}

Task<Response> whoami(Call& call) {
    JsonWriter json;
    json.begin_object().member("user", call.user ? call.user->name : std::string{}).end_object();
    co_return json_answer(200, json.take());
}

Task<Response> master_config(Call& call) { co_return json_answer(200, master_config_json(call.lab.settings.events)); }

/// Asks the database for something, so that "good" means that jobs can be read.
Task<Response> healthz(Call& call) {
    Jobs{call.lab.store.reader()}.submitter(JobId{1});
    co_return json_answer(200, R"({"health": "good"})");
}

}  // namespace patchbay
