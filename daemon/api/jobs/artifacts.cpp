// SPDX-License-Identifier: Apache-2.0
// The files that a job left: captured sound, plots.
#include "daemon/store/artifacts.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"

namespace patchbay {

Task<Response> list_artifacts(Call& call) {
    const auto job = find_job(call);
    auto read = [id = job.id](Database& db) {
        JsonWriter json;
        const auto artifacts = Artifacts{db}.list(id);
        json.begin_object().member("count", static_cast<std::int64_t>(artifacts.size())).key("results").begin_array();
        for (const auto& artifact : artifacts) {
            json.begin_object().member("name", artifact.name).member("type", artifact.type);
            json.member("size", artifact.size).end_object();
        }
        json.end_array().end_object();
        return json.take();
    };
    auto text = co_await read_store(call.lab, Cost::scan, std::move(read));
    co_return json_answer(200, std::move(text));
}

Task<Response> show_artifact(Call& call) {
    const auto job = find_job(call);
    auto read = [id = job.id, name = call.path_values.at(1)](Database& db) { return Artifacts{db}.find(id, name); };
    auto found = co_await read_store(call.lab, Cost::scan, std::move(read));
    if (!found) throw not_found();
    co_return file_answer(found->row.type, found->row.name, std::move(found->bytes));
}

}  // namespace patchbay
