// SPDX-License-Identifier: Apache-2.0
#pragma once
// A set of tags as one text, "3,17,40": jobs that want the same tags, and devices that have the same, share one key.

#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"

namespace patchbay {

/// Ascending, each once.
std::string format_tag_set(std::vector<TagId> tags);
std::vector<TagId> parse_tag_set(std::string_view text);
/// Does a device with `offered` have every tag of `wanted`?
bool covers(std::string_view offered, std::string_view wanted);

}  // namespace patchbay
