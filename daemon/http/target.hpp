// SPDX-License-Identifier: Apache-2.0
#pragma once
// The request target, taken apart. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay {

struct Target {
    std::string path;                                        ///< decoded, runs of '/' collapsed, ends in '/'
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
};

/// "/a//b?x=1", "http://host/a", "*". Throws: HttpError 400 for what is no path, not UTF-8 or holds a NUL.
Target parse_target(std::string_view target);

/// "a=1&b=%20+": names and values decoded; a '%' without two digits stays as it is. Also the form of POST bodies.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

/// %XX decoded; nullopt when a '%' lacks its two digits.
std::optional<std::string> percent_decode(std::string_view text);

bool is_utf8(std::string_view text);

/// A name or address with an optional port, as a Host header may hold.
bool is_host(std::string_view host);

}  // namespace patchbay
