// SPDX-License-Identifier: Apache-2.0
#pragma once
// The texts of YAML 1.1 booleans and numbers, read as PyYAML's constructors read them. nullopt: not of that type.

#include <optional>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay::config {

std::optional<Value> read_bool(std::string_view text);
/// An integer of any size up to 4300 digits (Python's limit); beyond 64 bits it is a BigInt.
std::optional<Value> read_integer(std::string_view text);
std::optional<Value> read_float(std::string_view text);
/// The decimal text of a double, of any range; nullopt when it is none.
std::optional<double> read_decimal(std::string_view text);

/// Digits and nothing else, as a template prints a count.
std::optional<unsigned> read_count(std::string_view text);

}  // namespace patchbay::config
