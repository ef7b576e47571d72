// SPDX-License-Identifier: Apache-2.0
#pragma once
// "Did you mean ...?"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::config {

/// The one of `known` that `word` is most likely a misspelling of; nullptr when none is near.
const std::string* closest(std::string_view word, const std::vector<std::string>& known);

}  // namespace patchbay::config
