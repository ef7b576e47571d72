// SPDX-License-Identifier: Apache-2.0
// The files that a job left: captured sound, plots.
#include "daemon/store/artifacts.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/asker.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"

namespace patchbay {
namespace {

/// Each piece is read when the client has taken the one before, so that slow readers of large files cost a piece each.
/// Cut off for who does not see the job any more.
Task<> write_pieces(BodyWriter& out, Services& lab, ArtifactRow artifact, JobId job, Asker asker, std::string start) {
    auto at = static_cast<std::int64_t>(start.size());
    co_await out.write(std::move(start));
    while (at < artifact.size) {
        if (!asker.sees(job)) throw StoreError{"artifact: its reader may not see the job any more"};
        auto piece = Artifacts{lab.store.reader()}.piece(artifact.id, at);
        // What was begun is cut off: a whole answer would say that there is no more of it.
        if (!piece || piece->empty()) throw StoreError{"artifact: removed, or made anew, while it was read"};
        at += static_cast<std::int64_t>(piece->size());
        co_await out.write(std::move(*piece));
    }
}

}  // namespace

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
    auto read = [id = job.id, name = call.path_values.at(1)](Database& db) {
        Artifacts artifacts{db};
        auto row = artifacts.find(id, name);
        auto first = row ? artifacts.piece(row->id, 0) : std::nullopt;
        return std::pair{std::move(row), std::move(first)};
    };
    auto found = co_await read_store(call.lab, Cost::scan, std::move(read));
    auto& [artifact, first] = found;
    if (!artifact || !first) throw not_found();
    auto response = file_answer(artifact->type, artifact->name, std::move(*first));
    if (static_cast<std::int64_t>(response.body.size()) < artifact->size) {
        response.stream = [&lab = call.lab, artifact = std::move(*artifact), id = job.id, asker = Asker{call},
                           start = std::move(response.body)](BodyWriter& out) mutable {
            return write_pieces(out, lab, artifact, id, asker, std::move(start));
        };
    }
    co_return response;
}

}  // namespace patchbay
