// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/paging.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace patchbay {
namespace {

std::string link(const Request& request, std::int64_t limit, std::int64_t offset) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& parameter : request.query) {
        if (parameter.first != "limit" && parameter.first != "offset") parameters.push_back(parameter);
    }
    parameters.emplace_back("limit", std::to_string(limit));
    if (offset > 0) parameters.emplace_back("offset", std::to_string(offset));
    std::stable_sort(parameters.begin(), parameters.end(),
                     [](const auto& left, const auto& right) { return left.first < right.first; });
    std::string url = request.base_url + request.path;
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        url += separator;
        url += percent_encode(name, Blank::as_plus) + "=" + percent_encode(value, Blank::as_plus);
        separator = '&';
    }
    return url;
}

}  // namespace

PageLinks page_links(const Request& request, const Query& query, std::int64_t count,
                     std::optional<std::int64_t> shown) {
    PageLinks links;
    const auto step = shown.value_or(query.limit);
    // An offset may be the largest number there is: nothing is added to it before it is compared.
    if (query.offset < count - step) links.next = link(request, query.limit, query.offset + step);
    if (query.offset > 0)
        links.previous = link(request, query.limit, std::max<std::int64_t>(0, query.offset - query.limit));
    return links;
}

void begin_page(JsonWriter& json, const Request& request, const Query& query, std::int64_t count,
                std::optional<std::int64_t> shown) {
    const auto links = page_links(request, query, count, shown);
    json.begin_object().member("count", count).member("next", links.next).member("previous", links.previous);
    json.key("results").begin_array();
}

}  // namespace patchbay
