// SPDX-License-Identifier: Apache-2.0
#include "core/config/map_reader.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/config/closest.hpp"
#include "core/config/duration.hpp"

namespace patchbay::config {
namespace {

const Value nothing;
const Value unreadable;  // stands for what is no mapping; that was said, and nothing more will be

std::string_view kind_of(const Value& value) {
    struct Visitor {
        std::string_view operator()(std::monostate) const { return "nothing"; }
        std::string_view operator()(bool) const { return "a boolean"; }
        std::string_view operator()(std::int64_t) const { return "a whole number"; }
        std::string_view operator()(double) const { return "a number"; }
        std::string_view operator()(const std::string&) const { return "text"; }
        std::string_view operator()(const List&) const { return "a list"; }
        std::string_view operator()(const Map&) const { return "a mapping"; }
        std::string_view operator()(const Timestamp&) const { return "a date (quote it to make it text)"; }
        std::string_view operator()(const Binary&) const { return "binary data"; }
        std::string_view operator()(const BigInt&) const { return "a number too large"; }
    };
    return std::visit(Visitor{}, value.storage());
}

/// What one type is called, and how it is taken out of a value. read() returns nullopt for another type.
template <class T>
struct Type;

template <>
struct Type<bool> {
    static constexpr std::string_view wanted = "true or false";
    static std::optional<bool> read(const Value& value) {
        return value.as_bool() ? std::optional{*value.as_bool()} : std::nullopt;
    }
};

template <class T>
std::optional<T> read_whole(const Value& value) {
    const auto* number = value.as_int();
    if (!number || !std::in_range<T>(*number)) return std::nullopt;
    return static_cast<T>(*number);
}

template <>
struct Type<int> {
    static constexpr std::string_view wanted = "a whole number";
    static std::optional<int> read(const Value& value) { return read_whole<int>(value); }
};
template <>
struct Type<std::int64_t> {
    static constexpr std::string_view wanted = "a whole number";
    static std::optional<std::int64_t> read(const Value& value) { return read_whole<std::int64_t>(value); }
};
template <>
struct Type<unsigned> {
    static constexpr std::string_view wanted = "a whole number, not below 0";
    static std::optional<unsigned> read(const Value& value) { return read_whole<unsigned>(value); }
};
template <>
struct Type<double> {
    static constexpr std::string_view wanted = "a number";
    static std::optional<double> read(const Value& value) {
        if (const auto* whole = value.as_int()) return static_cast<double>(*whole);
        return value.as_double() ? std::optional{*value.as_double()} : std::nullopt;
    }
};
template <>
struct Type<std::string> {
    static constexpr std::string_view wanted = "text";
    static std::optional<std::string> read(const Value& value) {
        return value.as_string() ? std::optional{*value.as_string()} : std::nullopt;
    }
};
template <>
struct Type<std::vector<std::string>> {
    static constexpr std::string_view wanted = "a list of texts";
    static std::optional<std::vector<std::string>> read(const Value& value) {
        const auto* list = value.as_list();
        if (!list) return std::nullopt;
        std::vector<std::string> texts;
        for (const auto& item : *list) {
            if (!item.is_string()) return std::nullopt;
            texts.push_back(*item.as_string());
        }
        return texts;
    }
};
template <>
struct Type<std::chrono::milliseconds> {
    static constexpr std::string_view wanted = R"(a duration: seconds, or text like "200ms", "90s", "5m")";
    static std::optional<std::chrono::milliseconds> read(const Value& value) {
        if (const auto* text = value.as_string()) return parse_duration(*text);
        const auto seconds = Type<double>::read(value);
        if (!seconds || !(*seconds >= 0 && *seconds <= 1e11)) return std::nullopt;
        return std::chrono::milliseconds{static_cast<std::int64_t>(*seconds * 1000 + 0.5)};
    }
};
template <>
struct Type<std::chrono::seconds> {
    static constexpr std::string_view wanted = R"(a duration: seconds, or text like "90s", "5m", "2h", "1d")";
    static std::optional<std::chrono::seconds> read(const Value& value) {
        const auto exact = Type<std::chrono::milliseconds>::read(value);
        if (!exact || exact->count() % 1000 != 0) return std::nullopt;
        return std::chrono::duration_cast<std::chrono::seconds>(*exact);
    }
};
template <>
struct Type<Value> {
    static constexpr std::string_view wanted = "a value";
    static std::optional<Value> read(const Value& value) { return value; }
};

}  // namespace

void Problems::add(Mark where, std::string_view path, std::string_view text) {
    std::string line = file_;
    if (where.line > 0) line += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
    line += ": ";
    if (!path.empty()) (line += path) += ": ";
    line += text;
    // In the order of the file; what has no place comes last.
    const auto later = [&](Mark other) {
        if (where.line == 0 || other.line == 0) return where.line != 0 && other.line == 0;
        return std::pair{other.line, other.column} > std::pair{where.line, where.column};
    };
    const auto before = std::ranges::find_if(marks_, later) - marks_.begin();
    marks_.insert(marks_.begin() + before, where);
    lines_.insert(lines_.begin() + before, std::move(line));
}

void Problems::raise_if_any() const {
    if (lines_.empty()) return;
    std::string all;
    for (const auto& line : lines_) {
        if (!all.empty()) all += '\n';
        all += line;
    }
    throw ConfigurationError{all};
}

MapReader::MapReader(const Value& value, std::string path, Problems& problems)
    : value_{&value}, mark_{value.mark}, path_{std::move(path)}, problems_{&problems} {
    if (!value.is_map() && !value.is_null()) {
        problems.add(value.mark, path_, "a mapping was expected, this is " + std::string{kind_of(value)});
        value_ = &unreadable;
    }
}

template <class T>
std::optional<T> MapReader::maybe(std::string_view key) {
    const auto* found = raw(key);
    if (!found || found->is_null()) {
        // "key:" with nothing behind it is as good as no key, except where any value will do.
        if constexpr (std::is_same_v<T, Value>)
            if (found) return *found;
        return std::nullopt;
    }
    auto read = Type<T>::read(*found);
    if (!read)
        problem(key, std::string{Type<T>::wanted} + " was expected, this is " + std::string{kind_of(*found)} +
                         (found->is_string() || found->is_int() ? ": " + python_repr(*found) : ""));
    return read;
}

template <class T>
T MapReader::value_or(std::string_view key, T fallback) {
    auto read = maybe<T>(key);
    return read ? std::move(*read) : std::move(fallback);
}

template <class T>
T MapReader::required(std::string_view key) {
    const auto* found = value_->find(key);
    const bool absent = !found || (found->is_null() && !std::is_same_v<T, Value>);
    auto read = maybe<T>(key);
    if (absent && value_ != &unreadable) {
        const auto text = "the key '" + std::string{key} + "' is missing; it takes " + std::string{Type<T>::wanted};
        problems_->add(mark(), path_, text);
    }
    return read ? std::move(*read) : T{};
}

MapReader MapReader::map(std::string_view key) {
    const auto* found = raw(key);
    MapReader child{found ? *found : nothing, path_ + (path_.empty() ? "" : ".") + std::string{key}, *problems_};
    if (!found) child.mark_ = mark_;
    if (value_ == &unreadable) child.value_ = &unreadable;
    return child;
}

std::vector<MapReader> MapReader::maps(std::string_view key) {
    std::vector<MapReader> readers;
    const auto* found = raw(key);
    if (!found || found->is_null()) return readers;
    const auto* list = found->as_list();
    if (!list) {
        problem(key, "a list of mappings was expected, this is " + std::string{kind_of(*found)});
        return readers;
    }
    const auto base = path_ + (path_.empty() ? "" : ".") + std::string{key};
    for (std::size_t i = 0; i < list->size(); ++i)
        readers.emplace_back((*list)[i], base + "[" + std::to_string(i) + "]", *problems_);
    return readers;
}

const Value* MapReader::raw(std::string_view key) {
    asked_.emplace_back(key);
    return value_->find(key);
}

bool MapReader::has(std::string_view key) const { return value_->find(key) != nullptr; }

Mark MapReader::mark() const { return value_->mark; }

void MapReader::problem(std::string_view key, std::string_view text) {
    const auto* found = value_->find(key);
    problems_->add(found ? found->mark : mark(), path_ + (path_.empty() ? "" : ".") + std::string{key}, text);
}

void MapReader::finish() {
    const auto* map = value_->as_map();
    if (!map) return;
    for (const auto& entry : *map) {
        const auto name = python_str(entry.key);
        if (entry.key.is_string() && std::ranges::find(asked_, name) != asked_.end()) continue;
        std::string text = "unknown key '" + name + "'";
        if (const auto* known = closest(name, asked_)) text += " (did you mean '" + *known + "'?)";
        problems_->add(entry.key.mark, path_, text);
    }
}

template bool MapReader::required<bool>(std::string_view);
template bool MapReader::value_or<bool>(std::string_view, bool);
template std::optional<bool> MapReader::maybe<bool>(std::string_view);
template int MapReader::required<int>(std::string_view);
template int MapReader::value_or<int>(std::string_view, int);
template std::optional<int> MapReader::maybe<int>(std::string_view);
template std::int64_t MapReader::required<std::int64_t>(std::string_view);
template std::int64_t MapReader::value_or<std::int64_t>(std::string_view, std::int64_t);
template std::optional<std::int64_t> MapReader::maybe<std::int64_t>(std::string_view);
template unsigned MapReader::required<unsigned>(std::string_view);
template unsigned MapReader::value_or<unsigned>(std::string_view, unsigned);
template std::optional<unsigned> MapReader::maybe<unsigned>(std::string_view);
template double MapReader::required<double>(std::string_view);
template double MapReader::value_or<double>(std::string_view, double);
template std::optional<double> MapReader::maybe<double>(std::string_view);
template std::string MapReader::required<std::string>(std::string_view);
template std::string MapReader::value_or<std::string>(std::string_view, std::string);
template std::optional<std::string> MapReader::maybe<std::string>(std::string_view);
template std::vector<std::string> MapReader::required<std::vector<std::string>>(std::string_view);
template std::vector<std::string> MapReader::value_or<std::vector<std::string>>(std::string_view,
                                                                                std::vector<std::string>);
template std::optional<std::vector<std::string>> MapReader::maybe<std::vector<std::string>>(std::string_view);
template std::chrono::seconds MapReader::required<std::chrono::seconds>(std::string_view);
template std::chrono::seconds MapReader::value_or<std::chrono::seconds>(std::string_view, std::chrono::seconds);
template std::optional<std::chrono::seconds> MapReader::maybe<std::chrono::seconds>(std::string_view);
template std::chrono::milliseconds MapReader::required<std::chrono::milliseconds>(std::string_view);
template std::chrono::milliseconds MapReader::value_or<std::chrono::milliseconds>(std::string_view,
                                                                                  std::chrono::milliseconds);
template std::optional<std::chrono::milliseconds> MapReader::maybe<std::chrono::milliseconds>(std::string_view);
template Value MapReader::required<Value>(std::string_view);
template Value MapReader::value_or<Value>(std::string_view, Value);
template std::optional<Value> MapReader::maybe<Value>(std::string_view);

}  // namespace patchbay::config
