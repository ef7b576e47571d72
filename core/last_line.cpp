// SPDX-License-Identifier: Apache-2.0
#include "core/last_line.hpp"

namespace patchbay {

std::string_view last_line(std::string_view text) {
    const auto end = text.find_last_not_of("\r\n ");
    if (end == std::string_view::npos) return {};
    const auto before = text.find_last_of("\r\n", end);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    return text.substr(begin, end + 1 - begin);
}

}  // namespace patchbay
