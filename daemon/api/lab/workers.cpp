// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "core/config/yaml.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/change_worker.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/api/words.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

/// The members of a worker, inside an object.
void write_members(JsonWriter& json, const WorkerRow& worker, const Settings& settings) {
    json.member("hostname", worker.hostname).member("health", to_string(worker.health));
    json.member("state", to_string(worker.state)).member("description", null_if_empty(worker.description));
    // This machine answers: its last ping is now.
    json.member("last_ping", worker.remote ? worker.last_ping : wall_now()).member("job_limit", worker.job_limit);
    json.member("version", worker.remote ? null_if_empty(worker.version) : settings.version);
}

void write_worker(JsonWriter& json, const WorkerRow& worker, const Settings& settings) {
    json.begin_object();
    write_members(json, worker, settings);
    json.end_object();
}

WorkerRow find_worker(const Call& call) {
    auto worker = Workers{call.lab.store.reader()}.find(call.path_values[0]);
    if (!worker) throw not_found();
    return std::move(*worker);
}

/// "ACTIVE" as "Active".
std::string title(const std::string& word) {
    return upper_case(word.substr(0, 1)) + lower_case(word.substr(std::min<std::size_t>(1, word.size())));
}

WorkerChange read_change(const Fields& fields) {
    WorkerChange change;
    change.description = fields.text("description");
    if (const auto limit = fields.number("job_limit")) {
        if (*limit < 0 || *limit > std::numeric_limits<int>::max())
            throw field_error("job_limit", "Ensure this value is greater than or equal to 0.");
        change.job_limit = static_cast<int>(*limit);
    }
    if (const auto word = fields.text("health")) {
        const auto health = number_of_word(*word, WorkerHealth::retired, Case::matters);
        if (!health) throw not_a_choice("health", *word);
        change.health = static_cast<WorkerHealth>(*health);
    }
    return change;
}

/// `file`: LAVA's name for it.
Response worker_file(const std::string& worker, const config::Value& content, const std::string& file) {
    if (content.is_null()) throw api_error(400, "detail", "Worker '" + worker + "' does not have '" + file + "' file");
    return file_answer("application/yaml", file + ".yaml", config::dump_yaml(content));
}

}  // namespace

Task<Response> list_workers(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto query = read_query(call.request, QueryList::workers, reader);
    Workers workers{reader};
    JsonWriter json;
    begin_page(json, call.request, query, workers.count(query));
    for (const auto& worker : workers.list(query)) write_worker(json, worker, call.lab.settings);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_worker(Call& call) {
    JsonWriter json;
    write_worker(json, find_worker(call), call.lab.settings);
    co_return json_answer(200, json.take());
}

Task<Response> update_worker(Call& call) {
    const Fields fields{call.request};
    const auto hostname = find_worker(call).hostname;
    auto change = read_change(fields);
    co_await change_worker(call.lab, hostname, std::move(change), call.user->name);
    co_return co_await show_worker(call);
}

Task<Response> set_worker_health(Call& call) {
    const Fields fields{call.request};
    const auto hostname = find_worker(call).hostname;
    const auto word = title(fields.text("health").value_or("none"));
    const auto health = number_of_word(word, WorkerHealth::retired, Case::matters);
    if (!health) co_return message_answer("Wrong worker health " + word, 400);
    WorkerChange change;
    change.health = static_cast<WorkerHealth>(*health);
    change.reason = fields.text("reason").value_or("");
    co_await change_worker(call.lab, hostname, std::move(change), call.user->name);
    co_return message_answer("OK", 202);
}

Task<Response> show_worker_env(Call& call) {
    const auto name = find_worker(call).hostname;
    co_return worker_file(name, call.lab.settings.worker(name).env, "env");
}
Task<Response> show_worker_config(Call& call) {
    const auto name = find_worker(call).hostname;
    co_return worker_file(name, call.lab.settings.worker(name).dispatcher, "dispatcher");
}

/// The answer is the only place where its token is shown.
Task<Response> create_worker(Call& call) {
    const Fields fields{call.request};
    const auto name = fields.short_text("hostname", 200);
    if (!is_device_name(name))
        throw field_error("hostname", "Letters, digits, '.', '_' and '-' make the name of a worker.");
    auto as = read_change(fields);
    std::string token;
    try {
        token = co_await add_worker(call.lab, name, std::move(as), call.user->name);
    } catch (const NoNewWorker& refusal) {
        throw field_error("hostname", refusal.what());
    }
    JsonWriter json;
    json.begin_object();
    write_members(json, *Workers{call.lab.store.reader()}.find(name), call.lab.settings);
    json.member("token", token).end_object();
    co_return json_answer(201, json.take());
}

Task<Response> delete_worker(Call& call) {
    const auto name = find_worker(call).hostname;
    auto write = [name](Database& db) {
        if (!Workers{db}.remove(name)) throw WorkerOfTheFile{name};
    };
    co_await write_audited(call.lab.store, {call.user->name, "worker.delete", name, ""}, std::move(write));
    co_return no_content();
}

Task<Response> refuse_worker_file(Call& call) {
    throw WorkerOfTheFile{find_worker(call).hostname};
    co_return Response{};
}

}  // namespace patchbay
