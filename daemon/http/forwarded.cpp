// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/forwarded.hpp"

#include <algorithm>
#include <optional>

namespace patchbay {
namespace {

/// "10.1.2.3", "10.1.2.3:4711", "[fd00::1]:4711"; nullopt when it is none.
std::optional<std::string> address_in(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (error) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

}  // namespace

std::string client_address(const std::string& peer, const std::vector<std::string_view>& forwarded_for,
                           const Subnets& trusted) {
    auto client = peer;
    for (auto values = forwarded_for.rbegin(); values != forwarded_for.rend(); ++values) {
        for (auto left = *values; !left.empty();) {
            if (!trusted.contain(client)) return client;
            const auto comma = left.rfind(',');
            const auto address = address_in(left.substr(comma == std::string_view::npos ? 0 : comma + 1));
            if (!address) return client;
            client = *address;
            left = comma == std::string_view::npos ? std::string_view{} : left.substr(0, comma);
        }
    }
    return client;
}

}  // namespace patchbay
