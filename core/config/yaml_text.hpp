// SPDX-License-Identifier: Apache-2.0
#pragma once
// What surrounds the parser: the text before it, the words of its refusal after it.

#include <string>
#include <string_view>

#include "core/config/node.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::config {

/// A text that the parser may see: UTF-8 of printable characters, without a byte order mark, lines ended by "\n".
/// PyYAML ends a line at "\r" and U+0085, too.
struct YamlText {
    /// Keeps `source` where nothing must be changed, so that must outlive this.
    /// Throws: YamlError naming the character, or a directive that is neither %YAML nor %TAG.
    explicit YamlText(std::string_view source);
    YamlText(const YamlText&) = delete;
    YamlText& operator=(const YamlText&) = delete;

    std::string_view text;
    bool ascii = true;        ///< columns are bytes
    bool directives = false;  ///< begins with lines such as "%YAML 1.1"

private:
    std::string changed_;
};

/// What PyYAML says where yaml-cpp says `message`. `inside`: the innermost open collection, or null; `rest`: the text
/// from `where` on.
YamlError in_python_words(std::string_view message, const Node* inside, Mark where, std::string_view rest);

}  // namespace patchbay::config
