// SPDX-License-Identifier: Apache-2.0
#pragma once
// A parsed YAML (or JSON) document, as plain values with the place they were written at.
// The rest of the program never sees yaml-cpp (docs/maintainers/yaml.md).

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::config {

/// Where a value was written; both count from 1, 0 means "nowhere".
struct Mark {
    int line = 0;
    int column = 0;
};

class Value;

using List = std::vector<Value>;

/// A YAML date or timestamp, in PyYAML's str() form ("2026-01-02", "2026-01-02 03:04:05+00:00").
struct Timestamp {
    std::string text;
    bool operator==(const Timestamp&) const = default;
};

/// What !!binary decodes to.
struct Binary {
    std::string bytes;
    bool operator==(const Binary&) const = default;
};

/// An integer outside 64 bits, in decimal (Python has no limit).
struct BigInt {
    std::string digits;
    bool operator==(const BigInt&) const = default;
};

/// A mapping in document order. Of two equal keys the last value wins at the place of the first, as in Python.
class Map {
public:
    struct Entry;

    // Defined below, where Entry is complete.
    Map() noexcept;
    Map(const Map&);
    Map(Map&&) noexcept;
    Map& operator=(const Map&);
    Map& operator=(Map&&) noexcept;
    ~Map();
    Map(std::initializer_list<std::pair<std::string, Value>> entries);
    /// Takes entries whose keys are known to differ; does not look for equal ones.
    static Map of_distinct(std::vector<Entry> entries);

    /// nullptr when absent. Only string keys are found by name.
    const Value* find(std::string_view key) const;
    Value* find(std::string_view key);
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    /// Appends, or replaces the value of an equal key.
    Value& set(std::string key, Value value);
    Value& set(Value key, Value value);
    Value& set(const char* key, Value value);
    bool erase(std::string_view key);

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    std::vector<Entry>::const_iterator begin() const;
    std::vector<Entry>::const_iterator end() const;
    std::vector<Entry>::iterator begin();
    std::vector<Entry>::iterator end();
    bool operator==(const Map&) const;

private:
    std::vector<Entry> entries_;
};

class Value {
public:
    using Storage =
        std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map, Timestamp, Binary, BigInt>;

    Value() = default;
    Value(std::nullptr_t) {}
    Value(bool v) : data_{v} {}
    Value(int v) : data_{std::int64_t{v}} {}
    Value(std::int64_t v) : data_{v} {}
    Value(double v) : data_{v} {}
    Value(const char* v) : data_{std::string{v}} {}
    Value(std::string v) : data_{std::move(v)} {}
    Value(std::string_view v) : data_{std::string{v}} {}
    Value(List v) : data_{std::move(v)} {}
    Value(Map v) : data_{std::move(v)} {}
    Value(Timestamp v) : data_{std::move(v)} {}
    Value(Binary v) : data_{std::move(v)} {}
    Value(BigInt v) : data_{std::move(v)} {}

    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    bool is_bool() const { return std::holds_alternative<bool>(data_); }
    bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
    bool is_double() const { return std::holds_alternative<double>(data_); }
    bool is_string() const { return std::holds_alternative<std::string>(data_); }
    bool is_list() const { return std::holds_alternative<List>(data_); }
    bool is_map() const { return std::holds_alternative<Map>(data_); }

    /// Null pointer when the value is of another type.
    const bool* as_bool() const { return std::get_if<bool>(&data_); }
    const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&data_); }
    const double* as_double() const { return std::get_if<double>(&data_); }
    const std::string* as_string() const { return std::get_if<std::string>(&data_); }
    const List* as_list() const { return std::get_if<List>(&data_); }
    const Map* as_map() const { return std::get_if<Map>(&data_); }
    List* as_list() { return std::get_if<List>(&data_); }
    Map* as_map() { return std::get_if<Map>(&data_); }

    /// The member `key` of a map, else nullptr (also when this is no map).
    const Value* find(std::string_view key) const;

    const Storage& storage() const { return data_; }
    Mark mark;

    /// Python's ==, without the marks.
    bool operator==(const Value& other) const { return data_ == other.data_; }

private:
    Storage data_;
};

struct Map::Entry {
    Value key;
    Value value;
    bool operator==(const Entry&) const = default;
};

inline Map::Map() noexcept = default;
inline Map::Map(const Map&) = default;
inline Map::Map(Map&&) noexcept = default;
inline Map& Map::operator=(const Map&) = default;
inline Map& Map::operator=(Map&&) noexcept = default;
inline Map::~Map() = default;

inline Value& Map::set(const char* key, Value value) { return set(std::string{key}, std::move(value)); }

/// str(value) as Python prints it: True, None, 1.5, the text itself for strings, repr for containers.
std::string python_str(const Value& value);
/// The same of an optional key: empty when it is missing or null.
std::string text_or_empty(const Value* value);
/// The text itself; empty when it is missing or no text.
std::string string_or_empty(const Value* value);
/// repr(value): strings quoted as Python does, {'a': 1, 'b': [True, None]}.
std::string python_repr(const Value& value);
std::string python_repr(std::string_view text);
inline std::string python_repr(const std::string& text) { return python_repr(std::string_view{text}); }
inline std::string python_repr(const char* text) { return python_repr(std::string_view{text}); }

}  // namespace patchbay::config
