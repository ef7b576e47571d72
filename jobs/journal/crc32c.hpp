// SPDX-License-Identifier: Apache-2.0
#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4): guards each record of a journal.

#include <cstdint>
#include <string_view>

namespace patchbay {

/// `seed` is the result for what came before, so that parts can be added up.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace patchbay
