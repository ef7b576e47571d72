// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::config {

/// What a quoted scalar says.
struct Quoted {
    std::string text;
    bool closed = false;       ///< false: the source ends in it
    bool good_escapes = true;  ///< false: one is not of YAML 1.1
};

/// The quoted scalar at the begin of `source`, perhaps behind a tag and an anchor; nullopt when none is there.
/// yaml-cpp 0.7 reads it, too, but loses line breaks before the closing quote, writes \N and \_ as bytes that are no
/// UTF-8, and does not notice when the source ends inside.
std::optional<Quoted> read_quoted(std::string_view source);

}  // namespace patchbay::config
