// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reading answers of a server: a missing key, a null and a value of another type are all "not there".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay::cli {

/// Member `key` as text: strings as they are, numbers and booleans as JSON prints them, "" when absent or null.
std::string text_at(const config::Value& object, std::string_view key);
/// The value itself as text, in the same way.
std::string as_text(const config::Value& value);
std::optional<std::int64_t> int_at(const config::Value& object, std::string_view key);
/// The list `key`, or an empty one.
const config::List& list_at(const config::Value& object, std::string_view key);

/// Sets member `key`. Map::set has an overload for keys that are no strings; text in the source is ambiguous to it.
void put(config::Map& object, std::string key, config::Value value);

/// Parses an answer's JSON body; `what` names it in the error ("http://…/jobs/: ...").
config::Value parse_answer(std::string_view body, const std::string& what);

}  // namespace patchbay::cli
