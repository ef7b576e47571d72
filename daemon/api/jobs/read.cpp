// SPDX-License-Identifier: Apache-2.0
// Jobs as lists and one by one.
#include "daemon/api/read.hpp"

#include <algorithm>

#include "daemon/api/api_error.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/job_cache.hpp"
#include "daemon/api/jobs/job_json.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/worker_leases.hpp"

namespace patchbay {
namespace {

// A definition may have a megabyte. A page that gets this large ends, and names where the next one begins.
constexpr std::size_t enough_bytes = 4 * 1024 * 1024;

/// Writes jobs until there are enough; returns how many of `ids` it got through.
template <class Write>
std::size_t write_some(JsonWriter& json, const std::vector<JobId>& ids, Write write) {
    std::size_t done = 0;
    while (done < ids.size() && json.size() < enough_bytes) write(ids[done++]);
    return done;
}

std::size_t write_cached(JsonWriter& json, Call& call, Jobs& jobs, const std::vector<JobId>& ids) {
    auto& cache = call.lab.job_cache;
    cache.keep_for(call.lab.store.reader().version());
    const auto reader = call.user ? call.user->id : UserId{};
    return write_some(json, ids, [&](JobId id) {
        if (const auto* known = cache.find(id, reader)) {
            json.raw(*known);
            return;
        }
        const auto job = jobs.find(id);
        if (!job) return;
        JsonWriter one;
        write_job(one, *job, call.user);
        auto text = one.take();
        json.raw(text);
        cache.put(id, reader, std::move(text));
    });
}

std::size_t write_uncached(JsonWriter& json, const Call& call, Jobs& jobs, const std::vector<JobId>& ids) {
    return write_some(json, ids, [&](JobId id) {
        if (const auto job = jobs.find(id)) write_job(json, *job, call.user);
    });
}

}  // namespace

Task<Response> list_jobs(Call& call) {
    const auto query = read_query(call.request, QueryList::jobs, call.lab.store.reader());
    auto viewer = call.viewer();
    const auto cost = Jobs::is_cheap(query, viewer) ? Cost::point : Cost::scan;
    auto page = [&call, query, viewer = std::move(viewer), cost](Database& db) {
        Jobs jobs{db};
        // A job with its two definitions has some 3 KB.
        JsonWriter json{static_cast<std::size_t>(std::clamp<std::int64_t>(query.limit, 1, 300)) * 3 * 1024};
        const auto count = jobs.count(query, viewer);
        begin_page(json, call.request, query, count);
        const auto head = json.size();
        const auto ids = jobs.ids(query, viewer, count);
        const auto shown =
            cost == Cost::point ? write_cached(json, call, jobs, ids) : write_uncached(json, call, jobs, ids);
        end_page(json);
        auto text = json.take();
        if (shown == ids.size()) return text;
        JsonWriter shorter;
        begin_page(shorter, call.request, query, count, static_cast<std::int64_t>(shown));
        text.replace(0, head, shorter.take());
        return text;
    };
    co_return json_answer(200, co_await read_store(call.lab, cost, std::move(page)));
}

Task<Response> show_job(Call& call) {
    const auto job = find_job(call);
    JsonWriter json;
    write_job(json, job, call.user);
    co_return json_answer(200, json.take());
}

/// The definition as one JSON string; SQUAD asks for it.
Task<Response> show_definition(Call& call) {
    const auto job = find_job(call);
    std::string body;
    append_json_string(body, shown_definitions(job, call.user).definition);
    co_return json_answer(200, std::move(body));
}

/// {"metadata":[{"build":"42"}]}
Task<Response> show_metadata(Call& call) {
    const auto job = find_job(call);
    JsonWriter json;
    json.begin_object().key("metadata").begin_array();
    for (const auto& [key, value] : shown_metadata(job)) json.begin_object().member(key, value).end_object();
    json.end_array().end_object();
    co_return json_answer(200, json.take());
}

/// Of a job that a remote worker ran, as LAVA's runner describes it. Whatever the definition says may be in it, so it
/// is for those who see the secrets of the definition.
Task<Response> show_pipeline(Call& call) {
    const auto job = find_job(call);
    if (!call.user->superuser && call.user->name != job.submitter) throw permission_denied();
    auto pipeline = WorkerLeases{call.lab.store.reader()}.pipeline(job.id);
    if (!pipeline) throw not_found();
    co_return file_answer("application/yaml", "description.yaml", std::move(*pipeline));
}

}  // namespace patchbay
