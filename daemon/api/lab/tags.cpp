// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/name_limits.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay {
namespace {

void write_tag(JsonWriter& json, const TagRow& tag) {
    json.begin_object().member("id", tag.id).member("name", tag.name);
    json.member("description", null_if_empty(tag.description)).end_object();
}

Response tag_answer(int status, const TagRow& tag) {
    JsonWriter json;
    write_tag(json, tag);
    return json_answer(status, json.take());
}

TagRow find_tag(const Call& call) {
    auto tag = Devices{call.lab.store.reader()}.tag(TagId{path_number(call, 0)});
    if (!tag) throw not_found();
    return std::move(*tag);
}

}  // namespace

Task<Response> list_tags(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto query = read_query(call.request, QueryList::tags, reader);
    Devices devices{reader};
    JsonWriter json;
    begin_page(json, call.request, query, devices.count_tags(query));
    for (const auto& tag : devices.tags(query)) write_tag(json, tag);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_tag(Call& call) { co_return tag_answer(200, find_tag(call)); }

Task<Response> create_tag(Call& call) {
    const Fields fields{call.request};
    const auto name = fields.short_text("name", longest_tag);
    const auto description = fields.text("description").value_or("");
    auto add = [name, description, who = call.user->name](Database& db) -> std::optional<TagRow> {
        Devices devices{db};
        if (devices.tag(name)) return std::nullopt;
        Audit{db}.record({who, "tag.add", name, ""}, wall_now());
        return devices.make_tag(name, description);
    };
    const auto tag = co_await call.lab.store.write(std::move(add));
    if (!tag) throw field_error("name", "tag with this name already exists.");
    co_return tag_answer(201, *tag);
}

Task<Response> update_tag(Call& call) {
    const Fields fields{call.request};
    auto tag = find_tag(call);
    const auto before = tag.name;
    if (fields.find("name") || call.request.method == Method::put) tag.name = fields.short_text("name", longest_tag);
    if (const auto description = fields.text("description")) tag.description = *description;
    auto change = [tag](Database& db) { return Devices{db}.update_tag(tag); };
    const Deed deed{call.user->name, "tag.change", before, before == tag.name ? "" : "to " + tag.name};
    if (!co_await write_audited(call.lab.store, deed, std::move(change)))
        throw field_error("name", "tag with this name already exists.");
    co_return tag_answer(200, tag);
}

Task<Response> delete_tag(Call& call) {
    const auto tag = find_tag(call);
    auto remove = [tag](Database& db) { return Devices{db}.remove_tag(tag); };
    const Deed deed{call.user->name, "tag.delete", tag.name, ""};
    if (!co_await write_audited(call.lab.store, deed, std::move(remove))) throw not_found();
    co_return no_content();
}

}  // namespace patchbay
