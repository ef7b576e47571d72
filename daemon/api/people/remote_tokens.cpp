// SPDX-License-Identifier: Apache-2.0
// A user's remote artifact tokens. Only their names ever come back.
#include "daemon/store/remote_tokens.hpp"

#include <algorithm>

#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audited.hpp"

namespace patchbay {
namespace {

std::string named(const std::string& name) {
    JsonWriter json;
    json.begin_object().member("name", name).end_object();
    return json.take();
}

bool has(const Call& call, const std::string& name) {
    return std::ranges::binary_search(RemoteTokens{call.lab.store.reader()}.names(call.user->id), name);
}

}  // namespace

Task<Response> list_remote_tokens(Call& call) {
    auto& db = call.lab.store.reader();
    const auto page = read_query(call.request, QueryList::suites, db);  // only limit and offset are used
    const auto names = RemoteTokens{db}.names(call.user->id);
    const auto count = static_cast<std::int64_t>(names.size());
    JsonWriter json;
    begin_page(json, call.request, page, count);
    const auto first = std::min(page.offset, count);
    for (auto i = first; i < first + std::min(page.limit, count - first); ++i)
        json.raw(named(names[static_cast<std::size_t>(i)]));
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_remote_token(Call& call) {
    const auto& name = call.path_values[0];
    if (!has(call, name)) throw not_found();
    co_return json_answer(200, named(name));
}

Task<Response> add_remote_token(Call& call) {
    const Fields fields{call.request};
    const auto name = fields.required_text("name");
    const auto value = fields.required_text("token");
    if (has(call, name)) throw field_error("name", "remote artifact token with this name already exists.");
    auto add = [user = call.user->id, name, value](Database& db) {
        RemoteTokens{db}.set(user, name, value, wall_now());
    };
    co_await write_audited(call.lab.store, {call.user->name, "remote-token.add", name, ""}, std::move(add));
    co_return json_answer(201, named(name));
}

Task<Response> change_remote_token(Call& call) {
    const auto& name = call.path_values[0];
    if (!has(call, name)) throw not_found();
    const Fields fields{call.request};
    if (const auto other = fields.text("name"); other && *other != name)
        throw field_error("name", "The name of a token stays: jobs say it. Add another one.");
    const bool whole = call.request.method == Method::put;
    if (whole || fields.find("token")) {
        auto set = [user = call.user->id, name, value = fields.required_text("token")](Database& db) {
            RemoteTokens{db}.set(user, name, value, wall_now());
        };
        co_await write_audited(call.lab.store, {call.user->name, "remote-token.change", name, ""}, std::move(set));
    }
    co_return json_answer(200, named(name));
}

Task<Response> delete_remote_token(Call& call) {
    const auto& name = call.path_values[0];
    if (!has(call, name)) throw not_found();
    auto remove = [user = call.user->id, name](Database& db) { return RemoteTokens{db}.remove(user, name); };
    co_await write_audited(call.lab.store, {call.user->name, "remote-token.delete", name, ""}, std::move(remove));
    co_return no_content();
}

}  // namespace patchbay
