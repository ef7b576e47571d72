// SPDX-License-Identifier: Apache-2.0
#pragma once
// The query of a list URL as a Query for the store (lava_rest_app/filters.py).

#include "daemon/http/message.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/query.hpp"

namespace patchbay {

/// LAVA has no upper bound; a page of 1000 jobs with their definitions is megabytes already, and `next` says the rest.
constexpr std::int64_t largest_page = 1000;

/// More make no sense, and an SQL expression has its limits.
constexpr std::size_t most_filters = 100;

/// Filters, ordering, limit and offset. Unknown parameters and empty values are ignored, of repeated ones the last
/// wins. `db` answers whether a named device type or tag exists. Throws: ApiError 400 {"<parameter>":["<text>"]}.
Query read_query(const Request& request, QueryList list, Database& db);

}  // namespace patchbay
