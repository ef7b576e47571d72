// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay {

struct ListenAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
};

/// "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses). Throws: ConfigurationError.
ListenAddress parse_listen(std::string_view text);

}  // namespace patchbay
