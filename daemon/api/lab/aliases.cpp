// SPDX-License-Identifier: Apache-2.0
// Other names of device types.
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/name_limits.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/device_types.hpp"

namespace patchbay {
namespace {

void write_alias(JsonWriter& json, const AliasRow& alias) {
    json.begin_object().member("name", alias.name).member("device_type", alias.device_type).end_object();
}

Response alias_answer(int status, const AliasRow& alias) {
    JsonWriter json;
    write_alias(json, alias);
    return json_answer(status, json.take());
}

AliasRow find_alias(const Call& call) {
    auto alias = DeviceTypes{call.lab.store.reader()}.alias(call.path_values[0]);
    if (!alias || !call.viewer().sees_type(alias->device_type)) throw not_found();
    return std::move(*alias);
}

std::string known_type(const Call& call, const Fields& fields) {
    auto type = fields.required_text("device_type");
    if (!DeviceTypes{call.lab.store.reader()}.find(type)) throw unknown_key("device_type", type);
    return type;
}

}  // namespace

Task<Response> list_aliases(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto query = read_query(call.request, QueryList::aliases, reader);
    DeviceTypes types{reader};
    JsonWriter json;
    const auto hidden = call.viewer().hidden_types;
    begin_page(json, call.request, query, types.count_aliases(query, hidden));
    for (const auto& alias : types.aliases(query, hidden)) write_alias(json, alias);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_alias(Call& call) { co_return alias_answer(200, find_alias(call)); }

Task<Response> create_alias(Call& call) {
    const Fields fields{call.request};
    AliasRow alias;
    alias.name = fields.short_text("name", longest_name);
    alias.device_type = known_type(call, fields);
    if (DeviceTypes{call.lab.store.reader()}.find(alias.name))
        throw field_error("name", "a device type has this name already.");
    auto add = [alias](Database& db) { return DeviceTypes{db}.add_alias(alias); };
    const Deed deed{call.user->name, "alias.add", alias.name, "of " + alias.device_type};
    if (!co_await write_audited(call.lab.store, deed, std::move(add)))
        throw field_error("name", "alias with this name already exists.");
    co_return alias_answer(201, alias);
}

Task<Response> update_alias(Call& call) {
    const Fields fields{call.request};
    auto alias = find_alias(call);
    if (fields.find("device_type") || call.request.method == Method::put) alias.device_type = known_type(call, fields);
    auto move = [alias](Database& db) { return DeviceTypes{db}.move_alias(alias); };
    const Deed deed{call.user->name, "alias.change", alias.name, "of " + alias.device_type};
    if (!co_await write_audited(call.lab.store, deed, std::move(move))) throw not_found();
    co_return alias_answer(200, alias);
}

Task<Response> delete_alias(Call& call) {
    auto remove = [name = call.path_values[0]](Database& db) { return DeviceTypes{db}.remove_alias(name); };
    const Deed deed{call.user->name, "alias.delete", call.path_values[0], ""};
    if (!co_await write_audited(call.lab.store, deed, std::move(remove))) throw not_found();
    co_return no_content();
}

}  // namespace patchbay
