// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/cross_site.hpp"

#include <string_view>

namespace patchbay {
namespace {

std::string_view without_scheme(std::string_view origin) {
    const auto scheme = origin.find("://");
    return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

}  // namespace

bool is_cross_site(const Request& request) {
    // "none": the user typed the address. "same-site" is another host of the same domain, which is not ours.
    if (const auto* site = request.header("sec-fetch-site")) return *site != "same-origin" && *site != "none";
    const auto* origin = request.header("origin");
    if (!origin) return false;
    // Whether it was http or https a proxy may have hidden from us; "null" is a page without an origin.
    return without_scheme(*origin).empty() || without_scheme(*origin) != without_scheme(request.base_url);
}

}  // namespace patchbay
