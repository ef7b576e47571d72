// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/audit.hpp"

#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// Who did what, newest first; filters: who, action, object. Ours: LAVA shows the like on its pages only.
Task<Response> list_audit(Call& call) {
    auto& db = call.lab.store.reader();
    const auto page = read_query(call.request, QueryList::suites, db);  // only limit and offset are used
    Audit::Wanted wanted;
    const auto filter = [&](std::string_view name, std::optional<std::string>& value) {
        if (const auto* text = call.request.query_value(name); text && !text->empty()) value = *text;
    };
    filter("who", wanted.who);
    filter("action", wanted.action);
    filter("object", wanted.object);
    wanted.limit = page.limit;
    wanted.offset = page.offset;
    auto read = [wanted, page, &call](Database& db_of_worker) {
        Audit audit{db_of_worker};
        JsonWriter json;
        begin_page(json, call.request, page, audit.count(wanted));
        for (const auto& row : audit.list(wanted)) {
            json.begin_object().member("id", row.id).member("time", row.when).member("who", row.deed.who);
            json.member("action", row.deed.action).member("object", row.deed.object);
            json.member("detail", row.deed.detail).end_object();
        }
        end_page(json);
        return json.take();
    };
    co_return json_answer(200, co_await call.lab.store.read_on_worker(std::move(read)));
}

}  // namespace patchbay
