// SPDX-License-Identifier: Apache-2.0
#pragma once
// Compact JSON, written straight into one string: a job's definition is copied once, into the answer.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"

namespace patchbay {

/// `text` with quotes and the escapes of LAVA's answers: raw UTF-8, but \u2028 and \u2029; invalid UTF-8 as U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// The same without the quotes: for a text that comes in pieces, each of whole characters.
void append_json_text(std::string& out, std::string_view text);

class JsonWriter {
public:
    explicit JsonWriter(std::size_t expected = 1024) { out_.reserve(expected); }

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
    JsonWriter& value(const char* text) { return value(std::string_view{text}); }
    JsonWriter& value(std::int64_t number);
    JsonWriter& value(int number) { return value(std::int64_t{number}); }
    JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
    JsonWriter& value(std::nullptr_t) { return raw("null"); }
    /// "2026-11-22T06:49:22.740294Z"
    JsonWriter& value(WallTime time);
    template <class Tag>
    JsonWriter& value(Id<Tag> id) {
        return value(id.value);
    }
    template <class T>
    JsonWriter& value(const std::optional<T>& maybe) {
        return maybe ? value(*maybe) : value(nullptr);
    }
    /// JSON as it is.
    JsonWriter& raw(std::string_view json);

    template <class T>
    JsonWriter& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }

    std::size_t size() const { return out_.size(); }
    std::string take() { return std::move(out_); }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string out_;
    bool comma_ = false;
};

}  // namespace patchbay
