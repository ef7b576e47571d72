// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"

#include "core/config/node.hpp"

namespace patchbay::config {

YamlError::YamlError(Mark where, const std::string& text)
    : std::runtime_error{"line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " +
                         text},
      mark{where},
      problem{text},
      python_text{text + "\n  in \"<unicode string>\", line " + std::to_string(where.line) + ", column " +
                  std::to_string(where.column)} {}

Value parse_yaml(std::string_view text, const YamlLimits& limits) {
    if (text.size() > limits.bytes)
        throw YamlError{
            {1, 1}, std::to_string(text.size()) + " bytes, more than the " + std::to_string(limits.bytes) + " allowed"};
    auto graph = compose(text, limits);
    return construct(graph, limits);
}

}  // namespace patchbay::config
