// SPDX-License-Identifier: Apache-2.0
#pragma once
// YAML 1.1 as PyYAML's safe loader reads it and as its safe_dump writes it (yes/no/on/off are booleans, 0755 is
// octal, 1:30 is sexagesimal, << merges, the last of two equal keys wins).

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay::config {

/// Bounds for text from outside. Units: bytes, levels, nodes.
struct YamlLimits {
    std::size_t bytes = 16 * 1024 * 1024;  ///< the API's body limit
    std::size_t depth = 100;
    std::size_t nodes = 1'000'000;  ///< after the expansion of aliases: a bomb stops here
};

/// The text is not YAML, or beyond a limit. what() is one line: "line 3, column 5: <what>".
struct YamlError : std::runtime_error {
    YamlError(Mark where, const std::string& text);
    Mark mark;
    std::string problem;  ///< without the place
    /// What PyYAML prints for it, over several lines: `<problem>\n  in "<unicode string>", line 2, column 11`.
    std::string python_text;
};

/// One document. Throws: YamlError.
Value parse_yaml(std::string_view text, const YamlLimits& limits = {});

enum class KeyOrder { document, sorted };

/// yaml.safe_dump(value, default_flow_style=False), with sort_keys as given; PyYAML's quoting and line folding (80).
std::string dump_yaml(const Value& value, KeyOrder order = KeyOrder::document);

/// JSON on one line with blanks after ',' and ':', readable by JSON parsers and by YAML 1.1 parsers alike: the form
/// of log records (lava_common/log.py). Invalid UTF-8 becomes U+FFFD.
std::string dump_flow(const Value& value);
/// The same for one string, with its quotes, appended to `out`. The hot path of every console line.
void append_flow_string(std::string& out, std::string_view text);

/// Compact JSON (no blanks), as REST answers are written.
std::string dump_json(const Value& value);

/// Strict JSON. Throws: YamlError. Same limits.
Value parse_json(std::string_view text, const YamlLimits& limits = {});

}  // namespace patchbay::config
