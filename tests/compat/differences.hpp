// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that we answer otherwise than LAVA 2023.01, on purpose.

#include <span>
#include <string_view>

namespace patchbay::testing {

struct Difference {
    std::string_view where;  ///< pattern of "<case>/<exchange>"
    std::string_view what;   ///< pattern of Finding::what
    std::string_view reason;
};

/// The first one that fits counts.
std::span<const Difference> differences();

}  // namespace patchbay::testing
