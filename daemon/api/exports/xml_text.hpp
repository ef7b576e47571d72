// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace patchbay {

/// `text` escaped for elements, and with `quote` as it is here for attributes. What XML 1.0 cannot hold becomes
/// `replacement`, bytes that are no UTF-8 become U+FFFD.
std::string xml_text(std::string_view text, std::string_view quote = "&quot;", std::string_view replacement = {});

}  // namespace patchbay
