// SPDX-License-Identifier: Apache-2.0
#pragma once
// {"count":..,"next":..,"previous":..,"results":[...]} around every list.

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/api/json_writer.hpp"
#include "daemon/http/message.hpp"
#include "daemon/store/query.hpp"

namespace patchbay {

struct PageLinks {
    std::optional<std::string> next, previous;
};

/// Absolute, with the parameters of the request sorted by name; `limit` and `offset` replaced, as
/// rest_framework/pagination.py does it. Pure.
/// `shown`: of a page that ends before its limit, how many it has.
PageLinks page_links(const Request& request, const Query& query, std::int64_t count,
                     std::optional<std::int64_t> shown = {});

/// Writes everything up to the first result, which the caller writes; then end_page().
void begin_page(JsonWriter& json, const Request& request, const Query& query, std::int64_t count,
                std::optional<std::int64_t> shown = {});
inline void end_page(JsonWriter& json) { json.end_array().end_object(); }

}  // namespace patchbay
