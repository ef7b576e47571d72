// SPDX-License-Identifier: Apache-2.0
#pragma once
// What TP-Link's Kasa plugs and strips take and say: JSON in a cipher that needs no key. Pure.
// Source: softScheck, "Reverse engineering the TP-Link HS110" (2016), as the devices answer it.

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::kasa {

/// In front of each message: its length, the first byte first.
inline constexpr std::size_t header_bytes = 4;
/// Of a strip with six outlets it has 3 KiB.
inline constexpr std::size_t longest_answer = 64 * 1024;

/// With its header.
std::string enciphered(std::string_view text);
/// Without its header.
std::string deciphered(std::string_view bytes);
std::size_t length_in(std::string_view header);

/// The question that everything about the device answers.
std::string question();
/// The order for an outlet, counted from 1, of the device that has answered so. One without outlets of its own
/// ("children") is a single plug. Throws: InfrastructureError, it has no such outlet, or this is no answer.
std::string order(std::string_view answer, int outlet, bool on);
/// Throws: InfrastructureError, the device did not take the order.
void check_taken(std::string_view answer);

}  // namespace patchbay::kasa
