// SPDX-License-Identifier: Apache-2.0
#include "core/listen_address.hpp"

#include <charconv>

#include "core/errors.hpp"

namespace patchbay {

ListenAddress parse_listen(std::string_view text) {
    const auto fail = [text](const char* what) {
        throw ConfigurationError{"listen address '" + std::string{text} + "': " + what +
                                 "; write ADDRESS:PORT, like 127.0.0.1:8080 or [::1]:8080"};
    };
    ListenAddress listen;
    const auto cut = text.rfind(':');
    if (cut == std::string_view::npos) fail("has no port");
    auto host = text.substr(0, cut);
    if (host.starts_with('[') != host.ends_with(']') || (host.starts_with('[') && host.size() < 3))
        fail("brackets do not match");
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        fail("an IPv6 address stands in brackets");
    }
    listen.host = host.empty() ? "0.0.0.0" : std::string{host};
    const auto port = text.substr(cut + 1);
    const auto end = port.data() + port.size();
    const auto [last, error] = std::from_chars(port.data(), end, listen.port);
    if (port.empty() || error != std::errc{} || last != end) fail("the port is a number from 0 to 65535");
    return listen;
}

}  // namespace patchbay
