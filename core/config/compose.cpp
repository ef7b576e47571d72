// SPDX-License-Identifier: Apache-2.0
// Events to nodes. The events are yaml-cpp's; where it reads otherwise than PyYAML, which LAVA runs, this file makes up
// for it (docs/maintainers/yaml.md has the list and the measurements).
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>

#include "core/config/node.hpp"
#include "core/config/quoted.hpp"
#include "core/config/yaml_text.hpp"

namespace patchbay::config {
namespace {

/// Lets a stream read a text without a copy of it.
class TextBuffer : public std::streambuf {
public:
    explicit TextBuffer(std::string_view text) {
        auto* begin = const_cast<char*>(text.data());  // read only, but streambuf has no such type
        setg(begin, begin, begin + text.size());
    }
};

/// yaml-cpp counts bytes from 0, people count characters from 1. Keeps its place, because a line may be a megabyte.
class Places {
public:
    explicit Places(const YamlText& text) : text_{text.text}, ascii_{text.ascii} {}

    Mark of(const YAML::Mark& mark) {
        if (ascii_ || mark.pos < mark.column) return {mark.line + 1, mark.column + 1};
        const auto end = std::min(static_cast<std::size_t>(mark.pos), text_.size());
        const auto begin = static_cast<std::size_t>(mark.pos - mark.column);
        if (begin != line_begin_ || end < at_) {
            line_begin_ = at_ = begin;
            column_ = 1;
        }
        for (; at_ < end; ++at_)
            if ((static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) ++column_;
        return {mark.line + 1, column_};
    }

    /// PyYAML ends the last line in any case.
    Mark end() const {
        const auto lines = std::count(text_.begin(), text_.end(), '\n');
        return {static_cast<int>(lines) + (text_.ends_with('\n') ? 1 : 2), 1};
    }

    /// The text from a mark on.
    std::string_view text(const YAML::Mark& mark) const {
        const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
        return text_.substr(std::min(at, text_.size()));
    }

    std::string_view line_before(const YAML::Mark& mark) const {
        const auto before = text_.substr(0, static_cast<std::size_t>(std::max(mark.pos, 0)));
        return before.substr(before.rfind('\n') + 1);
    }

private:
    std::string_view text_;
    bool ascii_;
    std::size_t line_begin_ = 0;
    std::size_t at_ = 0;
    int column_ = 1;
};

class Builder : public YAML::EventHandler {
public:
    Builder(const YamlText& text, const YamlLimits& limits)
        : directives_{text.directives}, limits_{limits}, places_{text} {}

    Graph take() { return std::move(graph_); }

    [[noreturn]] void fail(const YAML::Exception& error) {
        // PyYAML stops at a tab in the indentation, yaml-cpp behind it.
        const auto before = places_.line_before(error.mark);
        const auto tab = before.find('\t');
        if (tab != std::string_view::npos && before.find_first_not_of(" \t") == std::string_view::npos) {
            const Mark where{error.mark.line + 1, static_cast<int>(tab) + 1};
            throw in_python_words("unknown token", nullptr, where, {});
        }
        const auto* inside = open_.empty() ? nullptr : open_.back().node;
        const auto rest = places_.text(error.mark);
        throw in_python_words(error.msg, inside, rest.empty() ? places_.end() : places_.of(error.mark), rest);
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        const auto text = places_.text(mark);
        const auto where = places_.of(mark);
        const bool marked = text.starts_with("---");
        if (text.starts_with("...")) throw no_content(where);
        if (graph_.root && marked)
            throw marked_error("expected a single document in the stream", graph_.root->mark,
                               "but found another document", where);
        if (graph_.root || (directives_ && !marked))
            throw marked_error({}, {}, "did not find expected <document start>", where);
    }

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto text = places_.text(mark);
        const bool key = !open_.empty() && open_.back().node->kind == Node::Kind::mapping && !open_.back().key;
        const bool item = !open_.empty() && open_.back().node->kind == Node::Kind::sequence;
        // Nothing before a comma or a colon: yaml-cpp takes it for a null.
        if ((key || item) && text.starts_with(',')) throw no_content(places_.of(mark));
        if (key && text.starts_with(':'))
            throw marked_error("while parsing a block mapping", open_.back().node->mark, "did not find expected key",
                               places_.of(mark));
        // A word that no colon follows, at the end of a block mapping: yaml-cpp takes it for a key.
        if (!open_.empty() && open_.back().block && open_.back().key && open_.back().key_at == mark.pos)
            throw marked_error("while scanning a simple key", places_.of(mark), "could not find expected ':'",
                               places_.of(mark));
        auto& made = make(mark, Node::Kind::scalar, anchor);
        made.tag = Tag::null;
        add(made, mark);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) throw marked_error({}, {}, "found undefined alias", places_.of(mark));
        add(*found->second, mark);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        const auto source = places_.text(mark);
        auto& made = make(mark, Node::Kind::scalar, anchor);
        auto quoted = read_quoted(source);
        if (quoted) check(*quoted, made.mark);
        made.text = quoted ? std::move(quoted->text) : value;
        // "?" is a plain scalar, "!" one of another style or one with the tag "!", which counts as plain even when it
        // is quoted: LAVA's log writer quotes numbers that way.
        set_tag(made, tag, tag == "?" || source.starts_with('!') ? resolve_plain(made.text) : Tag::text);
        add(made, mark);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, Node::Kind::sequence, tag, Tag::sequence, anchor);
    }
    void OnSequenceEnd() override { open_.pop_back(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(mark, Node::Kind::mapping, tag, Tag::mapping, anchor);
        open_.back().block = style == YAML::EmitterStyle::Block;
    }
    void OnMapEnd() override { open_.pop_back(); }

    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
        if (name.find_first_not_of(allowed) != std::string::npos)
            throw marked_error("while scanning an anchor", places_.of(mark),
                               "did not find expected alphabetic or numeric character", places_.of(mark));
        const auto [at, fresh] = anchor_names_.emplace(name, places_.of(mark));
        if (!fresh)
            throw marked_error("found duplicate anchor; first occurrence", at->second, "second occurrence",
                               places_.of(mark));
    }

private:
    /// A collection whose end has not come.
    struct Open {
        Node* node = nullptr;
        Node* key = nullptr;  ///< of a mapping, while its value is awaited
        int key_at = 0;       ///< where that stands in the text
        bool block = false;
    };

    static YamlError no_content(Mark where) {
        return marked_error("while parsing a block node", where, "did not find expected node content", where);
    }

    void check(const Quoted& quoted, Mark where) const {
        if (!quoted.closed)
            throw marked_error("while scanning a quoted scalar", where, "found unexpected end of stream",
                               places_.end());
        if (!quoted.good_escapes)
            throw marked_error("while parsing a quoted scalar", where, "found unknown escape character", where);
    }

    Node& make(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor) {
        const auto where = places_.of(mark);
        if (open_.size() > limits_.depth)
            throw YamlError{where, "nested deeper than " + std::to_string(limits_.depth) + " levels"};
        if (graph_.nodes.size() >= limits_.nodes)
            throw YamlError{where, "more than " + std::to_string(limits_.nodes) + " nodes"};
        auto& made = graph_.nodes.emplace_back();
        made.kind = kind;
        made.mark = where;
        if (anchor != YAML::NullAnchor) anchors_[anchor] = &made;
        return made;
    }

    static void set_tag(Node& made, std::string_view name, Tag fallback) {
        made.tag = name.empty() || name == "!" || name == "?" ? fallback : tag_of(name);
        if (made.tag == Tag::foreign) made.foreign_tag = name;
    }

    void open(const YAML::Mark& mark, Node::Kind kind, const std::string& tag, Tag fallback, YAML::anchor_t anchor) {
        auto& made = make(mark, kind, anchor);
        set_tag(made, tag, fallback);
        add(made, mark);
        open_.push_back({&made});
    }

    void add(Node& made, const YAML::Mark& mark) {
        if (open_.empty()) {
            graph_.root = &made;
            return;
        }
        auto& inside = open_.back();
        if (inside.node->kind == Node::Kind::sequence) {
            inside.node->items.push_back(&made);
        } else if (!inside.key) {
            inside.key = &made;
            inside.key_at = mark.pos;
        } else {
            inside.node->pairs.emplace_back(std::exchange(inside.key, nullptr), &made);
        }
    }

    bool directives_;
    const YamlLimits& limits_;
    Places places_;
    Graph graph_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Node*> anchors_;
    std::unordered_map<std::string, Mark> anchor_names_;
};

}  // namespace

Graph compose(std::string_view source, const YamlLimits& limits) {
    const YamlText text{source};
    TextBuffer buffer{text.text};
    std::istream in{&buffer};
    Builder builder{text, limits};
    try {
        YAML::Parser parser{in};
        while (parser.HandleNextDocument(builder)) {  // a second document is an error of the builder
        }
    } catch (const YAML::Exception& error) {
        builder.fail(error);
    }
    return builder.take();
}

}  // namespace patchbay::config
