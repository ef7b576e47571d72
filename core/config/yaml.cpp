// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"

#include "core/config/node.hpp"

namespace patchbay::config {
namespace {

std::string place(Mark mark) {
    return "\n  in \"<unicode string>\", line " + std::to_string(mark.line) + ", column " + std::to_string(mark.column);
}

}  // namespace

YamlError::YamlError(Mark where, const std::string& text)
    : std::runtime_error{"line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " +
                         text},
      mark{where},
      problem{text},
      python_text{text + place(where)} {}

YamlError marked_error(std::string_view context, Mark context_mark, std::string_view problem, Mark mark) {
    std::string line{context};
    if (!line.empty()) line += ", ";
    YamlError error{mark, line + std::string{problem}};
    error.python_text.clear();
    if (!context.empty()) {
        error.python_text = context;
        // PyYAML leaves out the first place when both are the same.
        if (context_mark.line != mark.line || context_mark.column != mark.column)
            error.python_text += place(context_mark);
        error.python_text += '\n';
    }
    error.python_text += problem;
    error.python_text += place(mark);
    return error;
}

Value parse_yaml(std::string_view text, const YamlLimits& limits) {
    if (text.size() > limits.bytes)
        throw YamlError{
            {1, 1}, std::to_string(text.size()) + " bytes, more than the " + std::to_string(limits.bytes) + " allowed"};
    auto graph = compose(text, limits);
    return construct(graph, limits);
}

}  // namespace patchbay::config
