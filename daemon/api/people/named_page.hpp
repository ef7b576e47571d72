// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daemon/api/call.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// A page of a table by id; with `?parameter=NAME` of the one row of this name, or of none. `Table` has find(name),
/// count() and list(limit, offset); `write(json, row)` writes a row.
template <class Table, class Write>
Response named_page(const Call& call, std::string_view parameter, Table table, Write write) {
    // Only limit and offset are used.
    const auto page = read_query(call.request, QueryList::suites, call.lab.store.reader());
    JsonWriter json;
    if (const auto* name = call.request.query_value(parameter); name && !name->empty()) {
        const auto row = table.find(*name);
        begin_page(json, call.request, page, row ? 1 : 0);
        if (row && page.offset == 0) write(json, *row);
    } else {
        begin_page(json, call.request, page, table.count());
        for (const auto& row : table.list(page.limit, page.offset)) write(json, row);
    }
    end_page(json);
    return json_answer(200, json.take());
}

}  // namespace patchbay
