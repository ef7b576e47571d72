// SPDX-License-Identifier: Apache-2.0
#include "core/net/subnet.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace patchbay {
namespace {

using boost::asio::ip::address;

constexpr unsigned mapped_prefix = 96;  // of ::ffff:0:0/96, where IPv4 lies in IPv6

std::array<unsigned char, 16> bytes_of(const address& where) {
    return where.is_v6() ? where.to_v6().to_bytes()
                         : boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, where.to_v4()).to_bytes();
}

}  // namespace

std::optional<Subnet> Subnet::parse(std::string_view text) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto base = boost::asio::ip::make_address(text.substr(0, slash), error);
    if (error || (base.is_v6() && base.to_v6().scope_id() != 0)) return std::nullopt;
    Subnet network;
    network.bytes_ = bytes_of(base);
    if (slash == std::string_view::npos) return network;
    const auto prefix = whole_number(text.substr(slash + 1));
    if (!prefix || *prefix < 0 || *prefix > (base.is_v4() ? 32 : 128)) return std::nullopt;
    network.prefix_ = static_cast<unsigned>(*prefix) + (base.is_v4() ? mapped_prefix : 0);
    return network;
}

bool Subnet::contains(const address& where) const {
    const auto other = bytes_of(where);
    const auto whole = prefix_ / 8;
    if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.begin())) return false;
    const auto rest = prefix_ % 8;
    return rest == 0 || ((bytes_[whole] ^ other[whole]) >> (8 - rest)) == 0;
}

Subnets::Subnets(const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
        const auto network = Subnet::parse(text);
        if (!network)
            throw ConfigurationError{"'" + text + "' is no address or network; write one like 10.0.0.1 or fd00::/8"};
        all_.push_back(*network);
    }
}

bool Subnets::contain(const address& where) const {
    return std::any_of(all_.begin(), all_.end(), [&](const Subnet& network) { return network.contains(where); });
}

bool Subnets::contain(const std::string& text) const {
    if (all_.empty()) return false;
    boost::system::error_code error;
    const auto where = boost::asio::ip::make_address(text, error);
    return !error && contain(where);
}

}  // namespace patchbay
