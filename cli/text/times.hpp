// SPDX-License-Identifier: Apache-2.0
#pragma once
// Times of answers as people read them; texts of another form stay as they are.

#include <string>

namespace patchbay::cli {

/// "2026-11-22T08:46:48.976935Z" → "2026-11-22 08:46"
std::string short_time(const std::string& time);
/// "2026-11-22T08:46:48.976935Z" → "2026-11-22 08:46:48 UTC"
std::string long_time(const std::string& time);

}  // namespace patchbay::cli
