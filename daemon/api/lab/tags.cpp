// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api_error.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/lab/optional_text.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

void write_tag(JsonWriter& json, const TagRow& tag) {
    json.begin_object().member("id", tag.id).member("name", tag.name);
    json.member("description", null_if_empty(tag.description)).end_object();
}

}  // namespace

Task<Response> list_tags(Call& call) {
    auto& reader = call.lab.store.reader();
    const auto page = read_query(call.request, QueryList::suites, reader);  // only limit and offset are used
    Devices devices{reader};
    JsonWriter json;
    begin_page(json, call.request, page, devices.count_tags());
    for (const auto& tag : devices.tags(page.limit, page.offset)) write_tag(json, tag);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_tag(Call& call) {
    const auto tag = Devices{call.lab.store.reader()}.tag(TagId{path_number(call, 0)});
    if (!tag) throw not_found();
    JsonWriter json;
    write_tag(json, *tag);
    co_return json_answer(200, json.take());
}

}  // namespace patchbay
