// SPDX-License-Identifier: Apache-2.0
// yaml.safe_dump() in block style, as PyYAML writes it on libyaml: nodes here, scalars in scalar_writer.cpp.
#include <algorithm>
#include <cmath>

#include "core/config/base64.hpp"
#include "core/config/python_text.hpp"
#include "core/config/resolver.hpp"
#include "core/config/scalar_writer.hpp"
#include "core/config/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::config {
namespace {

/// Longer keys, in bytes, are written as "? key" on a line of their own.
constexpr std::size_t longest_simple_key = 128;
constexpr int step = 2;

std::string clean_utf8(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        append_utf8(out, point.value);
        at += point.length;
    }
    return out;
}

std::string float_text(double value) {
    if (std::isnan(value)) return ".nan";
    if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
    auto text = python_float(value);
    // YAML 1.1 takes 1e17 for a string, 1.0e+17 for a float.
    if (const auto e = text.find('e'); e != std::string::npos && text.find('.') == std::string::npos)
        text.insert(e, ".0");
    return text;
}

std::string wrapped_base64(std::string_view data) {
    std::string out;
    for (std::size_t at = 0; at < data.size(); at += 57) out += encode_base64(data.substr(at, 57)) + "\n";
    return out;
}

/// Python orders the keys of a mapping when all of them can be compared, else leaves them.
std::vector<const Map::Entry*> in_order(const Map& map, KeyOrder order) {
    std::vector<const Map::Entry*> entries;
    bool texts = true;
    bool numbers = true;
    for (const auto& entry : map) {
        entries.push_back(&entry);
        texts = texts && entry.key.is_string();
        numbers = numbers && (entry.key.is_int() || entry.key.is_bool() || entry.key.is_double());
    }
    if (order == KeyOrder::document) return entries;
    const auto number = [](const Value& key) {
        if (const auto* whole = key.as_int()) return static_cast<double>(*whole);
        if (const auto* real = key.as_double()) return *real;
        return *key.as_bool() ? 1.0 : 0.0;
    };
    if (texts)
        std::ranges::stable_sort(entries, std::ranges::less{}, [](auto* e) -> auto& { return *e->key.as_string(); });
    else if (numbers)
        std::ranges::stable_sort(entries, std::ranges::less{}, [&](auto* e) { return number(e->key); });
    return entries;
}

/// What a scalar is made of before its style is chosen.
struct Scalar {
    std::string text;
    Tag tag = Tag::text;

    explicit Scalar(const Value& value) {
        std::visit([this](const auto& v) { set(v); }, value.storage());
    }

private:
    void set(std::monostate) { text = "null", tag = Tag::null; }
    void set(bool v) { text = v ? "true" : "false", tag = Tag::boolean; }
    void set(std::int64_t v) { text = std::to_string(v), tag = Tag::integer; }
    void set(double v) { text = float_text(v), tag = Tag::floating; }
    void set(const std::string& v) { text = clean_utf8(v); }
    void set(const Timestamp& v) { text = v.text, tag = Tag::timestamp; }
    void set(const Binary& v) { text = wrapped_base64(v.bytes), tag = Tag::binary; }
    void set(const BigInt& v) { text = v.digits, tag = Tag::integer; }
    void set(const List&) {}
    void set(const Map&) {}
};

bool is_empty(const Value& value) {
    return (value.is_list() && value.as_list()->empty()) || (value.is_map() && value.as_map()->empty());
}

bool is_simple_key(const Value& key) {
    if (key.is_list() || key.is_map()) return is_empty(key);
    const Scalar scalar{key};
    const auto tag_length = scalar.tag == Tag::binary ? std::string_view{"!!binary"}.size() : 0;
    return scalar.text.size() + tag_length <= longest_simple_key && !shape_of(scalar.text).multiline;
}

class Dumper {
public:
    explicit Dumper(KeyOrder order) : order_{order} {}

    std::string dump(const Value& value) {
        node(value, -step, Place::item);
        return lines_.take();
    }

private:
    enum class Place { item, value, simple_key };

    /// `outer`: the column of the collection around it.
    void node(const Value& value, int outer, Place place) {
        if (is_empty(value)) return lines_.word(value.is_list() ? "[]" : "{}");
        if (const auto* list = value.as_list()) return sequence(*list, outer, place);
        if (const auto* map = value.as_map()) return mapping(*map, outer);
        scalar(Scalar{value}, outer + step, place == Place::simple_key);
    }

    void sequence(const List& list, int outer, Place place) {
        // Behind "key:" its dashes stand under the key.
        const int column = place == Place::value && !lines_.only_marks() ? outer : outer + step;
        for (const auto& item : list) {
            lines_.indent(column);
            lines_.mark("-");
            node(item, column, Place::item);
        }
    }

    void mapping(const Map& map, int outer) {
        const int column = outer + step;
        for (const auto* entry : in_order(map, order_)) {
            lines_.indent(column);
            if (is_simple_key(entry->key)) {
                node(entry->key, column, Place::simple_key);
                lines_.colon();
            } else {
                lines_.mark("?");
                node(entry->key, column, Place::value);
                lines_.indent(column);
                lines_.mark(":");
            }
            node(entry->value, column, Place::value);
        }
    }

    void scalar(const Scalar& scalar, int column, bool key) {
        const auto& text = scalar.text;
        const auto shape = shape_of(text);
        const auto folding = key ? LineWriter::Folding::no : LineWriter::Folding::yes;
        const bool block = scalar.tag == Tag::binary && !key && !text.empty();
        column = std::max(column, step);
        if (scalar.tag == Tag::binary) lines_.word("!!binary");
        if (block) return lines_.literal(text, column);
        if (scalar.tag != Tag::binary && shape.plain && !(key && text.empty()) && resolve_plain(text) == scalar.tag)
            return lines_.plain(text, column, folding);
        if (scalar.tag != Tag::binary && shape.single && !(key && shape.multiline))
            return lines_.single_quoted(text, column, folding);
        lines_.double_quoted(text, column, folding);
    }

    KeyOrder order_;
    LineWriter lines_;
};

}  // namespace

std::string dump_yaml(const Value& value, KeyOrder order) { return Dumper{order}.dump(value); }

}  // namespace patchbay::config
