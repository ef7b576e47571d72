// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace patchbay {

/// One argument of a model, as Python's str.format writes it: "{KEY}" is a value, "{{" and "}}" are braces.
/// Throws: JobError, a key is unknown or a brace stands alone.
std::string format_argument(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace patchbay
