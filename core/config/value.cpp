// SPDX-License-Identifier: Apache-2.0
#include "core/config/value.hpp"

#include <algorithm>
#include <cmath>

namespace patchbay::config {
namespace {

/// Python keeps True, 1 and 1.0 under one key.
bool same_key(const Value& left, const Value& right) {
    const auto number = [](const Value& value) -> std::optional<double> {
        if (const auto* v = value.as_bool()) return *v ? 1.0 : 0.0;
        if (const auto* v = value.as_int()) return static_cast<double>(*v);
        if (const auto* v = value.as_double()) return *v;
        return std::nullopt;
    };
    if (left.storage().index() == right.storage().index()) return left == right;
    const auto a = number(left);
    const auto b = number(right);
    return a && b && *a == *b;
}

}  // namespace

Map::Map(std::initializer_list<std::pair<std::string, Value>> entries) {
    entries_.reserve(entries.size());
    for (const auto& [key, value] : entries) set(key, value);
}

Map Map::of_distinct(std::vector<Entry> entries) {
    Map map;
    map.entries_ = std::move(entries);
    return map;
}

const Value* Map::find(std::string_view key) const {
    for (const auto& entry : entries_)
        if (const auto* name = entry.key.as_string(); name && *name == key) return &entry.value;
    return nullptr;
}

Value* Map::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

Value& Map::set(std::string key, Value value) {
    if (auto* found = find(key)) {
        *found = std::move(value);
        return *found;
    }
    entries_.push_back({Value{std::move(key)}, std::move(value)});
    return entries_.back().value;
}

Value& Map::set(Value key, Value value) {
    for (auto& entry : entries_)
        if (same_key(entry.key, key)) {
            entry.value = std::move(value);
            return entry.value;
        }
    entries_.push_back({std::move(key), std::move(value)});
    return entries_.back().value;
}

bool Map::erase(std::string_view key) {
    return std::erase_if(entries_, [&](const Entry& entry) {
               const auto* name = entry.key.as_string();
               return name && *name == key;
           }) > 0;
}

std::size_t Map::size() const { return entries_.size(); }
std::vector<Map::Entry>::const_iterator Map::begin() const { return entries_.begin(); }
std::vector<Map::Entry>::const_iterator Map::end() const { return entries_.end(); }
std::vector<Map::Entry>::iterator Map::begin() { return entries_.begin(); }
std::vector<Map::Entry>::iterator Map::end() { return entries_.end(); }
bool Map::operator==(const Map& other) const {
    // As Python's dicts: the order of the keys does not count.
    if (size() != other.size()) return false;
    for (const auto& entry : entries_) {
        const auto same = [&](const Entry& theirs) { return theirs.key == entry.key; };
        const auto found = std::find_if(other.entries_.begin(), other.entries_.end(), same);
        if (found == other.entries_.end() || !(found->value == entry.value)) return false;
    }
    return true;
}

const Value* Value::find(std::string_view key) const {
    const auto* map = as_map();
    return map ? map->find(key) : nullptr;
}

}  // namespace patchbay::config
