// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which type an unquoted YAML 1.1 scalar has, with PyYAML's rules (1e3 is a string, 0o10 is a string, 1:30 is 90).

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::config {

enum class Tag {
    null,
    boolean,
    integer,
    floating,
    timestamp,
    merge,
    value,
    text,
    binary,
    omap,
    pairs,
    set,
    sequence,
    mapping,
    foreign,  ///< any other; the node keeps its name
};

/// The type of a plain scalar.
Tag resolve_plain(std::string_view text);
/// "tag:yaml.org,2002:int" and so on.
Tag tag_of(std::string_view name);
std::string_view name_of(Tag tag);

/// The date or time as Python prints it; nullopt when there is no such day or hour. `text` may be any text.
std::optional<std::string> read_timestamp(std::string_view text);

}  // namespace patchbay::config
