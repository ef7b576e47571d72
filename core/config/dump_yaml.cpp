// SPDX-License-Identifier: Apache-2.0
// yaml.safe_dump(): PyYAML's choice of styles on libyaml's emitter.
#include <yaml.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/config/base64.hpp"
#include "core/config/python_text.hpp"
#include "core/config/resolver.hpp"
#include "core/config/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::config {
namespace {

const yaml_char_t* bytes(std::string_view text) { return reinterpret_cast<const yaml_char_t*>(text.data()); }

/// The emitter takes UTF-8 only.
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

class Dumper {
public:
    explicit Dumper(KeyOrder order) : order_{order} {
        if (!yaml_emitter_initialize(&emitter_)) throw std::bad_alloc{};
        yaml_emitter_set_output(&emitter_, write, &out_);
        yaml_emitter_set_width(&emitter_, 80);
        yaml_emitter_set_indent(&emitter_, 2);
        yaml_emitter_set_unicode(&emitter_, 0);
        yaml_emitter_set_canonical(&emitter_, 0);
    }
    Dumper(const Dumper&) = delete;
    Dumper& operator=(const Dumper&) = delete;
    ~Dumper() { yaml_emitter_delete(&emitter_); }

    std::string dump(const Value& value) {
        yaml_event_t event;
        emit(event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
        emit(event, yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1));
        node(value);
        emit(event, yaml_document_end_event_initialize(&event, 1));
        emit(event, yaml_stream_end_event_initialize(&event));
        return std::move(out_);
    }

private:
    static int write(void* out, unsigned char* data, std::size_t size) {
        static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), size);
        return 1;
    }

    void emit(yaml_event_t& event, int made) {
        if (!made) throw std::bad_alloc{};
        if (yaml_emitter_emit(&emitter_, &event)) return;
        throw YamlError{{}, std::string{"cannot be written as YAML: "} + (emitter_.problem ? emitter_.problem : "?")};
    }

    void scalar(const std::string& raw, Tag tag, yaml_scalar_style_t style = YAML_ANY_SCALAR_STYLE) {
        const auto text = clean_utf8(raw);
        const bool plain = resolve_plain(text) == tag;
        const bool quoted = tag == Tag::text;
        const std::string name{name_of(tag)};
        yaml_event_t event;
        emit(event, yaml_scalar_event_initialize(&event, nullptr, bytes(name), bytes(text),
                                                 static_cast<int>(text.size()), plain, quoted, style));
    }

    void node(const Value& value) {
        std::visit([this](const auto& content) { write_value(content); }, value.storage());
    }

    void write_value(std::monostate) { scalar("null", Tag::null); }
    void write_value(bool v) { scalar(v ? "true" : "false", Tag::boolean); }
    void write_value(std::int64_t v) { scalar(std::to_string(v), Tag::integer); }
    void write_value(double v) { scalar(float_text(v), Tag::floating); }
    void write_value(const std::string& v) { scalar(v, Tag::text); }
    void write_value(const Timestamp& v) { scalar(v.text, Tag::timestamp); }
    void write_value(const Binary& v) { scalar(wrapped_base64(v.bytes), Tag::binary, YAML_LITERAL_SCALAR_STYLE); }
    void write_value(const BigInt& v) { scalar(v.digits, Tag::integer); }
    void write_value(const List& v) {
        const std::string name{name_of(Tag::sequence)};
        yaml_event_t event;
        emit(event, yaml_sequence_start_event_initialize(&event, nullptr, bytes(name), 1, YAML_BLOCK_SEQUENCE_STYLE));
        for (const auto& item : v) node(item);
        emit(event, yaml_sequence_end_event_initialize(&event));
    }
    void write_value(const Map& v) {
        const std::string name{name_of(Tag::mapping)};
        yaml_event_t event;
        emit(event, yaml_mapping_start_event_initialize(&event, nullptr, bytes(name), 1, YAML_BLOCK_MAPPING_STYLE));
        for (const auto* entry : in_order(v, order_)) {
            node(entry->key);
            node(entry->value);
        }
        emit(event, yaml_mapping_end_event_initialize(&event));
    }

    KeyOrder order_;
    std::string out_;
    yaml_emitter_t emitter_{};
};

}  // namespace

std::string dump_yaml(const Value& value, KeyOrder order) { return Dumper{order}.dump(value); }

}  // namespace patchbay::config
