// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/message.hpp"

#include "core/text.hpp"

namespace patchbay {
namespace {

const std::string* last_of(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key) {
    for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
        if (pair->first == key) return &pair->second;
    }
    return nullptr;
}

}  // namespace

const std::string* Request::query_value(std::string_view key) const { return last_of(query, key); }
const std::string* Request::header(std::string_view lower_case_name) const { return last_of(headers, lower_case_name); }

bool asks_for_websocket(const Request& request) {
    const auto* upgrade = request.header("upgrade");
    return upgrade && lower_case(*upgrade) == "websocket";
}

}  // namespace patchbay
