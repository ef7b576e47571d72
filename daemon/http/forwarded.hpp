// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who a request is from, when proxies are between. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "core/net/subnet.hpp"

namespace patchbay {

/// The address of the client, for limits and logs. `peer`: whose connection it is. `forwarded_for`: the values of
/// X-Forwarded-For, in order. They are read from the end, where each proxy has put whom it saw, as long as those are
/// trusted proxies: what stands before the first other address, anybody may have written.
std::string client_address(const std::string& peer, const std::vector<std::string_view>& forwarded_for,
                           const Subnets& trusted);

}  // namespace patchbay
