// SPDX-License-Identifier: Apache-2.0
// Nodes to values: PyYAML's SafeConstructor.
#include <algorithm>
#include <functional>
#include <unordered_map>

#include "core/config/base64.hpp"
#include "core/config/node.hpp"
#include "core/config/number.hpp"

namespace patchbay::config {
namespace {

std::string_view name_of(Node::Kind kind) {
    return kind == Node::Kind::scalar ? "scalar" : kind == Node::Kind::sequence ? "sequence" : "mapping";
}

/// Equal for keys that Python takes for the same: 1, 1.0 and True.
std::string key_identity(const Value& key) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "n"; }
        std::string operator()(bool v) const { return v ? "i1" : "i0"; }
        std::string operator()(std::int64_t v) const { return "i" + std::to_string(v); }
        std::string operator()(double v) const {
            constexpr double exact = 9007199254740992.0;
            if (v == static_cast<double>(static_cast<std::int64_t>(std::clamp(v, -exact, exact))))
                return "i" + std::to_string(static_cast<std::int64_t>(v));
            return "d" + std::to_string(v) + python_repr(Value{v});
        }
        std::string operator()(const std::string& v) const { return "s" + v; }
        std::string operator()(const Timestamp& v) const { return "t" + v.text; }
        std::string operator()(const Binary& v) const { return "b" + v.bytes; }
        std::string operator()(const BigInt& v) const { return "i" + v.digits; }
        std::string operator()(const List&) const { return {}; }
        std::string operator()(const Map&) const { return {}; }
    };
    return std::visit(Visitor{}, key.storage());
}

/// The entries of one mapping; the last of equal keys wins, at the place of the first.
class Entries {
public:
    void put(Value key, Value value) {
        const auto [at, fresh] = index_.emplace(key_identity(key), entries_.size());
        if (fresh)
            entries_.push_back({std::move(key), std::move(value)});
        else
            entries_[at->second].value = std::move(value);
    }
    Map take() { return Map::of_distinct(std::move(entries_)); }

private:
    std::vector<Map::Entry> entries_;
    std::unordered_map<std::string, std::size_t> index_;
};

class Constructor {
public:
    explicit Constructor(const YamlLimits& limits) : limits_{limits} {}

    Value value(Node& node, std::size_t depth) {
        count(node.mark);
        if (depth > limits_.depth)
            throw YamlError{node.mark, "nested deeper than " + std::to_string(limits_.depth) + " levels"};
        if (node.open) throw marked_error({}, {}, "found unconstructable recursive node", node.mark);
        node.open = true;
        auto made = make(node, depth);
        node.open = false;
        made.mark = node.mark;
        return made;
    }

private:
    void count(Mark where) {
        if (++made_ > limits_.nodes)
            throw YamlError{where, "more than " + std::to_string(limits_.nodes) + " nodes, aliases expanded"};
    }

    Value make(Node& node, std::size_t depth) {
        switch (node.tag) {
            case Tag::text:
                return Value{scalar(node)};
            case Tag::null:
                scalar(node);
                return Value{};
            case Tag::boolean:
                return checked(read_bool(scalar(node)), node, "a boolean");
            case Tag::integer:
                return checked(read_integer(scalar(node)), node, "an integer");
            case Tag::floating:
                return checked(read_float(scalar(node)), node, "a number");
            case Tag::timestamp:
                return timestamp(node);
            case Tag::binary:
                return binary(node);
            case Tag::sequence:
                return list(node, depth);
            case Tag::mapping:
                return map(node, depth);
            case Tag::set:
                return map(node, depth);
            case Tag::omap:
                return pair_list(node, depth, "an ordered map");
            case Tag::pairs:
                return pair_list(node, depth, "pairs");
            case Tag::merge:
            case Tag::value:
            case Tag::foreign:
                break;
        }
        const std::string tag{node.tag == Tag::foreign ? node.foreign_tag : config::name_of(node.tag)};
        throw marked_error(
            {}, {}, "could not determine a constructor for the tag " + python_repr(std::string_view{tag}), node.mark);
    }

    static const std::string& scalar(Node& node) {
        if (node.kind == Node::Kind::mapping)
            for (const auto& [key, content] : node.pairs)
                if (key->tag == Tag::value) return scalar(*content);
        expect(node, Node::Kind::scalar, "scalar");
        return node.text;
    }

    static void expect(const Node& node, Node::Kind kind, std::string_view what) {
        if (node.kind == kind) return;
        throw marked_error({}, {},
                           "expected a " + std::string{what} + " node, but found " + std::string{name_of(node.kind)},
                           node.mark);
    }

    static Value checked(std::optional<Value> read, const Node& node, std::string_view what) {
        if (read) return std::move(*read);
        throw marked_error(
            {}, {}, python_repr(std::string_view{node.text}.substr(0, 80)) + " is not " + std::string{what}, node.mark);
    }

    static Value timestamp(Node& node) {
        auto text = read_timestamp(scalar(node));
        if (!text) throw marked_error({}, {}, "there is no such date or time: " + node.text.substr(0, 80), node.mark);
        return Value{Timestamp{std::move(*text)}};
    }

    static Value binary(Node& node) {
        auto bytes = decode_base64(scalar(node));
        if (!bytes) {
            const auto digits = count_base64(node.text);
            const auto reason = digits % 4 == 1 ? "Invalid base64-encoded string: number of data characters (" +
                                                      std::to_string(digits) + ") cannot be 1 more than a multiple of 4"
                                                : std::string{"Incorrect padding"};
            throw marked_error({}, {}, "failed to decode base64 data: " + reason, node.mark);
        }
        return Value{Binary{std::move(*bytes)}};
    }

    Value list(Node& node, std::size_t depth) {
        expect(node, Node::Kind::sequence, "sequence");
        List items;
        items.reserve(node.items.size());
        for (auto* item : node.items) items.push_back(value(*item, depth + 1));
        return Value{std::move(items)};
    }

    Value map(Node& node, std::size_t depth) {
        expect(node, Node::Kind::mapping, "mapping");
        flatten(node, 0);
        Entries entries;
        for (const auto& [key_node, content] : node.pairs) {
            auto key = value(*key_node, depth + 1);
            if (key.is_list() || key.is_map())
                throw marked_error("while constructing a mapping", node.mark, "found unhashable key", key_node->mark);
            entries.put(std::move(key), value(*content, depth + 1));
        }
        return Value{entries.take()};
    }

    /// Puts the pairs that "<<" names before the node's own, so that its own win.
    void flatten(Node& node, std::size_t depth) {
        if (depth > limits_.depth) throw YamlError{node.mark, "merges nested too deeply"};
        std::vector<std::pair<Node*, Node*>> merged;
        std::vector<std::pair<Node*, Node*>> own;
        std::vector<Node*> sources;
        for (const auto& [key, content] : std::exchange(node.pairs, {})) {
            if (key->tag == Tag::merge) {
                sources.push_back(content);
                continue;
            }
            if (key->tag == Tag::value) key->tag = Tag::text;
            own.emplace_back(key, content);
        }
        node.pairs = own;  // a merge that leads back here sees these
        for (auto* source : sources) merge(node, *source, merged, depth);
        if (merged.empty()) return;
        merged.insert(merged.end(), own.begin(), own.end());
        node.pairs = std::move(merged);
    }

    void merge(const Node& node, Node& source, std::vector<std::pair<Node*, Node*>>& merged, std::size_t depth) {
        const auto take = [&](Node& from) {
            flatten(from, depth + 1);
            for (const auto& pair : from.pairs) {
                count(from.mark);
                merged.push_back(pair);
            }
        };
        if (source.kind == Node::Kind::mapping) return take(source);
        if (source.kind == Node::Kind::scalar)
            throw marked_error("while constructing a mapping", node.mark,
                               "expected a mapping or list of mappings for merging, but found scalar", source.mark);
        for (const auto* item : source.items)
            if (item->kind != Node::Kind::mapping)
                throw marked_error("while constructing a mapping", node.mark,
                                   "expected a mapping for merging, but found " + std::string{name_of(item->kind)},
                                   item->mark);
        for (auto item = source.items.rbegin(); item != source.items.rend(); ++item) take(**item);
    }

    Value pair_list(Node& node, std::size_t depth, std::string_view what) {
        const auto context = "while constructing " + std::string{what};
        if (node.kind != Node::Kind::sequence)
            throw marked_error(context, node.mark, "expected a sequence, but found " + std::string{name_of(node.kind)},
                               node.mark);
        List pairs;
        for (const auto* item : node.items) {
            if (item->kind != Node::Kind::mapping)
                throw marked_error(context, node.mark,
                                   "expected a mapping of length 1, but found " + std::string{name_of(item->kind)},
                                   item->mark);
            if (item->pairs.size() != 1)
                throw marked_error(
                    context, node.mark,
                    "expected a single mapping item, but found " + std::to_string(item->pairs.size()) + " items",
                    item->mark);
            List pair;
            pair.push_back(value(*item->pairs[0].first, depth + 1));
            pair.push_back(value(*item->pairs[0].second, depth + 1));
            pairs.emplace_back(std::move(pair));
        }
        return Value{std::move(pairs)};
    }

    const YamlLimits& limits_;
    std::size_t made_ = 0;
};

}  // namespace

Value construct(Graph& graph, const YamlLimits& limits) {
    return graph.root ? Constructor{limits}.value(*graph.root, 0) : Value{};
}

}  // namespace patchbay::config
