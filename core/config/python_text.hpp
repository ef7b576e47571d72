// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the writers of numbers share.

#include <string>

namespace patchbay::config {

/// repr(float): the shortest text that reads back as the same number ("1.5", "1e+16", "1e-05", "inf").
std::string python_float(double value);

}  // namespace patchbay::config
