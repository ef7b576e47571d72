// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/tag_set.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/id_set.hpp"

namespace patchbay {

std::string format_tag_set(std::vector<TagId> tags) { return format_id_set(std::move(tags)); }
std::vector<TagId> parse_tag_set(std::string_view text) { return parse_id_set<TagId>(text); }

bool covers(std::string_view offered, std::string_view wanted) {
    if (wanted.empty()) return true;
    const auto have = parse_tag_set(offered);
    const auto want = parse_tag_set(wanted);
    return std::includes(have.begin(), have.end(), want.begin(), want.end());
}

}  // namespace patchbay
