// SPDX-License-Identifier: Apache-2.0
#pragma once
// Base 64, as !!binary has it.

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::config {

std::string encode_base64(std::string_view bytes);
/// Characters outside the alphabet are skipped, as Python's decodebytes does; nullopt when the padding is wrong.
std::optional<std::string> decode_base64(std::string_view text);
/// How many characters of the alphabet `text` has.
std::size_t count_base64(std::string_view text);

}  // namespace patchbay::config
