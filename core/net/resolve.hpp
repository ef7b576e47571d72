// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names and socket addresses to addresses.

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/net/address_policy.hpp"
#include "core/task.hpp"

namespace patchbay {

/// nullopt: of another family.
std::optional<asio::ip::address> address_of(const sockaddr& address);

/// Every address of a host; empty when it has none or nobody can say.
/// Cancellation: safe, but takes effect when the system's resolver answers.
Task<std::vector<asio::ip::address>> resolve(std::string host);

/// For programs that connect by themselves: why `host` is not allowed, when any of its addresses is not. An unknown
/// name is not refused: the program will say so.
Task<std::optional<std::string>> refusal_of_host(AddressPolicy policy, std::string host);

}  // namespace patchbay
