// SPDX-License-Identifier: Apache-2.0
#pragma once
// Texts as Python makes them.

#include <string>
#include <string_view>

namespace patchbay::config {

/// repr(float): the shortest text that reads back as the same number ("1.5", "1e+16", "1e-05", "inf").
std::string python_float(double value);

/// str.strip() for ASCII blanks.
std::string python_strip(std::string_view text);

}  // namespace patchbay::config
