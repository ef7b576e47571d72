// SPDX-License-Identifier: Apache-2.0
// Events to nodes. The events are libyaml's: it is the parser that LAVA itself runs (PyYAML's CSafeLoader), so that
// what is accepted, and what the error says, is the same.
#include <yaml.h>

#include <map>
#include <memory>

#include "core/config/node.hpp"
#include "core/config/python_text.hpp"

namespace patchbay::config {
namespace {

Mark to_mark(const yaml_mark_t& mark) { return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1}; }

std::string_view view(const yaml_char_t* text) {
    return text ? reinterpret_cast<const char*>(text) : std::string_view{};
}

class Event {
public:
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&event_); }
    yaml_event_t* get() { return &event_; }
    const yaml_event_t* operator->() const { return &event_; }
    Mark mark() const { return to_mark(event_.start_mark); }

private:
    yaml_event_t event_{};
};

class Parser {
public:
    explicit Parser(std::string_view text) : text_{text} {
        if (!yaml_parser_initialize(&parser_)) throw std::bad_alloc{};
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() { yaml_parser_delete(&parser_); }

    std::unique_ptr<Event> next() {
        auto event = std::make_unique<Event>();
        if (!yaml_parser_parse(&parser_, event->get())) fail();
        return event;
    }

private:
    [[noreturn]] void fail() const {
        const std::string problem = parser_.problem ? parser_.problem : "cannot be parsed";
        if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc{};
        if (parser_.error == YAML_READER_ERROR) throw unreadable(problem);
        const std::string_view context = parser_.context ? parser_.context : std::string_view{};
        throw marked_error(context, to_mark(parser_.context_mark), problem, to_mark(parser_.problem_mark));
    }

    YamlError unreadable(const std::string& problem) const {
        const auto offset = std::min(parser_.problem_offset, text_.size());
        Mark mark{1, 1};
        for (const char c : text_.substr(0, offset)) {
            mark.column = c == '\n' ? 1 : mark.column + 1;
            if (c == '\n') ++mark.line;
        }
        char number[16];
        std::snprintf(number, sizeof number, "#x%04x", static_cast<unsigned>(parser_.problem_value));
        YamlError error{mark, "unacceptable character " + std::string{number} + ": " + problem};
        error.python_text =
            error.problem + "\n  in \"<unicode string>\", position " + std::to_string(parser_.problem_offset);
        return error;
    }

    std::string_view text_;
    yaml_parser_t parser_{};
};

class Composer {
public:
    Composer(std::string_view text, const YamlLimits& limits) : parser_{text}, limits_{limits} {}

    Graph document() {
        parser_.next();  // stream start
        auto event = parser_.next();
        if (event->get()->type != YAML_STREAM_END_EVENT) {
            graph_.root = node(*parser_.next(), 0);
            parser_.next();  // document end
            event = parser_.next();
            if (event->get()->type != YAML_STREAM_END_EVENT)
                throw marked_error("expected a single document in the stream", graph_.root->mark,
                                   "but found another document", event->mark());
        }
        return std::move(graph_);
    }

private:
    Node* node(Event& event, std::size_t depth) {
        if (depth > limits_.depth)
            throw YamlError{event.mark(), "nested deeper than " + std::to_string(limits_.depth) + " levels"};
        if (graph_.nodes.size() >= limits_.nodes)
            throw YamlError{event.mark(), "more than " + std::to_string(limits_.nodes) + " nodes"};
        switch (event->type) {
            case YAML_ALIAS_EVENT:
                return alias(event);
            case YAML_SCALAR_EVENT:
                return scalar(event);
            case YAML_SEQUENCE_START_EVENT:
                return sequence(event, depth);
            case YAML_MAPPING_START_EVENT:
                return mapping(event, depth);
            default:
                throw YamlError{event.mark(), "a value was expected here"};
        }
    }

    Node* alias(const Event& event) {
        const std::string name{view(event->data.alias.anchor)};
        const auto found = anchors_.find(name);
        if (found == anchors_.end()) throw marked_error({}, {}, "found undefined alias", event.mark());
        return found->second;
    }

    Node* make(const Event& event, Node::Kind kind, const yaml_char_t* anchor) {
        auto& made = graph_.nodes.emplace_back();
        made.kind = kind;
        made.mark = event.mark();
        if (anchor) {
            const auto [at, fresh] = anchors_.emplace(view(anchor), &made);
            if (!fresh)
                throw marked_error("found duplicate anchor; first occurrence", at->second->mark, "second occurrence",
                                   made.mark);
        }
        return &made;
    }

    static void set_tag(Node& made, std::string_view name, Tag fallback) {
        made.tag = name.empty() || name == "!" ? fallback : tag_of(name);
        if (made.tag == Tag::foreign) made.foreign_tag = name;
    }

    Node* scalar(const Event& event) {
        const auto& data = event->data.scalar;
        auto* made = make(event, Node::Kind::scalar, data.anchor);
        made->text.assign(reinterpret_cast<const char*>(data.value), data.length);
        // A quoted scalar with the tag "!" counts as plain: LAVA's log writer quotes numbers that way.
        set_tag(*made, view(data.tag), data.plain_implicit ? resolve_plain(made->text) : Tag::text);
        return made;
    }

    Node* sequence(const Event& event, std::size_t depth) {
        auto* made = make(event, Node::Kind::sequence, event->data.sequence_start.anchor);
        set_tag(*made, view(event->data.sequence_start.tag), Tag::sequence);
        for (;;) {
            const auto item = parser_.next();
            if (item->get()->type == YAML_SEQUENCE_END_EVENT) return made;
            made->items.push_back(node(*item, depth + 1));
        }
    }

    Node* mapping(const Event& event, std::size_t depth) {
        auto* made = make(event, Node::Kind::mapping, event->data.mapping_start.anchor);
        set_tag(*made, view(event->data.mapping_start.tag), Tag::mapping);
        for (;;) {
            const auto key = parser_.next();
            if (key->get()->type == YAML_MAPPING_END_EVENT) return made;
            auto* key_node = node(*key, depth + 1);
            const auto value = parser_.next();
            made->pairs.emplace_back(key_node, node(*value, depth + 1));
        }
    }

    Parser parser_;
    const YamlLimits& limits_;
    Graph graph_;
    std::map<std::string, Node*, std::less<>> anchors_;
};

std::string place(Mark mark) {
    return "\n  in \"<unicode string>\", line " + std::to_string(mark.line) + ", column " + std::to_string(mark.column);
}

}  // namespace

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

Graph compose(std::string_view text, const YamlLimits& limits) { return Composer{text, limits}.document(); }

}  // namespace patchbay::config
