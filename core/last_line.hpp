// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay {

/// The last line that is not blank, without what ends it: most programs say there why they failed.
std::string_view last_line(std::string_view text);

}  // namespace patchbay
