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
#include "daemon/store/portable_jobs.hpp"
#include "daemon/store/worker_leases.hpp"

namespace patchbay {
namespace {

// A definition may have a megabyte. A page that gets this large ends, and names where the next one begins.
constexpr std::size_t enough_bytes = 4 * 1024 * 1024;

/// Writes jobs until there are enough; returns how many of `ids` it got through. `write`: false, this one cannot be
/// written here, nor any of the page then.
template <class Write>
std::optional<std::size_t> write_some(JsonWriter& json, const std::vector<JobId>& ids, Write write) {
    std::size_t done = 0;
    while (done < ids.size() && json.size() < enough_bytes) {
        if (!write(ids[done++])) return std::nullopt;
    }
    return done;
}

/// On the io thread.
std::optional<std::size_t> write_cached(JsonWriter& json, Call& call, Jobs& jobs, const std::vector<JobId>& ids) {
    auto& cache = call.lab.job_cache;
    auto& db = call.lab.store.reader();
    cache.keep_for(db.version());
    const auto reader = call.user ? call.user->id : UserId{};
    return write_some(json, ids, [&](JobId id) {
        if (const auto* known = cache.find(id, reader)) {
            json.raw(*known);
            return true;
        }
        const auto job = jobs.find(id);
        if (!job) return true;
        const auto shown = stored_definitions(db, *job, call.user);
        if (!shown) return false;
        JsonWriter one;
        write_job(one, *job, *shown, PortableJobs{db}.of(id));
        auto text = one.take();
        json.raw(text);
        cache.put(id, reader, std::move(text));
        return true;
    });
}

/// On a worker.
std::optional<std::size_t> write_uncached(JsonWriter& json, const Call& call, Database& db,
                                          const std::vector<JobId>& ids) {
    return write_some(json, ids, [&](JobId id) {
        if (const auto job = Jobs{db}.find(id))
            write_job(json, *job, shown_definitions(db, *job, call.user), PortableJobs{db}.of(id));
        return true;
    });
}

/// nullopt: some of its jobs have texts to be masked, so that it takes a worker.
std::optional<std::string> page_of(Call& call, const Query& query, const Viewer& viewer, Cost cost, Database& db) {
    Jobs jobs{db};
    // A job with its two definitions has some 3 KB.
    JsonWriter json{static_cast<std::size_t>(std::clamp<std::int64_t>(query.limit, 1, 300)) * 3 * 1024};
    const auto count = jobs.count(query, viewer);
    begin_page(json, call.request, query, count);
    const auto head = json.size();
    const auto ids = jobs.ids(query, viewer, count);
    const auto shown = cost == Cost::point ? write_cached(json, call, jobs, ids) : write_uncached(json, call, db, ids);
    if (!shown) return std::nullopt;
    end_page(json);
    auto text = json.take();
    if (*shown == ids.size()) return text;
    JsonWriter shorter;
    begin_page(shorter, call.request, query, count, static_cast<std::int64_t>(*shown));
    text.replace(0, head, shorter.take());
    return text;
}

}  // namespace

Task<Response> list_jobs(Call& call) {
    const auto query = read_query(call.request, QueryList::jobs, call.lab.store.reader());
    const auto viewer = call.viewer();
    std::optional<std::string> text;
    if (Jobs::is_cheap(query, viewer)) {
        auto page = [&](Database& db) { return page_of(call, query, viewer, Cost::point, db); };
        text = co_await read_store(call.lab, Cost::point, std::move(page));
    }
    if (!text) {
        auto page = [&call, query, viewer](Database& db) { return page_of(call, query, viewer, Cost::scan, db); };
        text = co_await read_store(call.lab, Cost::scan, std::move(page));
    }
    co_return json_answer(200, std::move(*text));
}

Task<Response> show_job(Call& call) {
    const auto job = find_job(call);
    const auto shown = co_await shown_definitions(call.lab, job, call.user);
    JsonWriter json;
    write_job(json, job, shown, PortableJobs{call.lab.store.reader()}.of(job.id));
    co_return json_answer(200, json.take());
}

/// The definition as one JSON string; SQUAD asks for it.
Task<Response> show_definition(Call& call) {
    const auto job = find_job(call);
    const auto shown = co_await shown_definitions(call.lab, job, call.user);
    std::string body;
    append_json_string(body, shown.definition);
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
