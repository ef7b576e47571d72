// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/groups.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/people/named_page.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"

namespace patchbay {
namespace {

void write_group(JsonWriter& json, const GroupRow& group) {
    json.begin_object().member("id", group.id).member("name", group.name).end_object();
}

GroupRow find_group(const Call& call) {
    auto group = Groups{call.lab.store.reader()}.find(GroupId{path_number(call, 0)});
    if (!group) throw not_found();
    return std::move(*group);
}

}  // namespace

Task<Response> list_groups(Call& call) {
    co_return named_page(call, "name", Groups{call.lab.store.reader()}, write_group);
}

Task<Response> show_group(Call& call) {
    JsonWriter json;
    write_group(json, find_group(call));
    co_return json_answer(200, json.take());
}

Task<Response> add_group(Call& call) {
    const Fields fields{call.request};
    GroupRow group;
    group.name = fields.required_text("name");
    if (Groups{call.lab.store.reader()}.find(group.name))
        throw field_error("name", "group with this name already exists.");
    auto add = [name = group.name](Database& db) { return Groups{db}.add(name); };
    group.id = co_await write_audited(call.lab.store, {call.user->name, "group.add", group.name, ""}, std::move(add));
    JsonWriter json;
    write_group(json, group);
    co_return json_answer(201, json.take());
}

/// PATCH without a name changes nothing.
Task<Response> change_group(Call& call) {
    auto group = find_group(call);
    const Fields fields{call.request};
    const bool whole = call.request.method == Method::put;
    if (whole || fields.find("name")) {
        const auto before = group.name;
        group.name = fields.required_text("name");
        const auto same = Groups{call.lab.store.reader()}.find(group.name);
        if (same && same->id != group.id) throw field_error("name", "group with this name already exists.");
        auto rename = [group](Database& db) { Groups{db}.rename(group.id, group.name); };
        if (group.name != before)
            co_await write_audited(call.lab.store, {call.user->name, "group.rename", before, "to " + group.name},
                                   std::move(rename));
        call.lab.scheduler.wake_all();  // rules of sharing name groups
    }
    JsonWriter json;
    write_group(json, group);
    co_return json_answer(200, json.take());
}

Task<Response> delete_group(Call& call) {
    const auto group = find_group(call);
    auto remove = [id = group.id](Database& db) { return Groups{db}.remove(id); };
    co_await write_audited(call.lab.store, {call.user->name, "group.delete", group.name, ""}, std::move(remove));
    co_return no_content();
}

}  // namespace patchbay
