// SPDX-License-Identifier: Apache-2.0
#pragma once
// The graph between the events of the parser and the values: aliases still point, tags are still names.

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/resolver.hpp"
#include "core/config/value.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::config {

struct Node {
    enum class Kind { scalar, sequence, mapping };
    Kind kind = Kind::scalar;
    Tag tag = Tag::text;
    bool open = false;         ///< being constructed, or flattened: meeting it again means a loop
    std::string foreign_tag;   ///< when tag is Tag::foreign
    std::string text;          ///< of a scalar
    std::vector<Node*> items;  ///< of a sequence
    std::vector<std::pair<Node*, Node*>> pairs;
    Mark mark;
};

/// Owns its nodes; they do not move.
struct Graph {
    std::deque<Node> nodes;
    Node* root = nullptr;  ///< null for an empty document
};

/// Throws: YamlError.
Graph compose(std::string_view text, const YamlLimits& limits);
Value construct(Graph& graph, const YamlLimits& limits);

/// A YamlError in PyYAML's words; `context` may be empty.
YamlError marked_error(std::string_view context, Mark context_mark, std::string_view problem, Mark mark);

}  // namespace patchbay::config
