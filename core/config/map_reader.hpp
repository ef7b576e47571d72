// SPDX-License-Identifier: Apache-2.0
#pragma once
// Typed reading of configuration. Problems are collected, so that the author fixes all of them in one go:
//   lab.yaml:14:9: devices.imx8-01.power: unknown key 'chipp' (did you mean 'chip'?)

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"
#include "core/errors.hpp"

namespace patchbay::config {

/// Every mistake found in one file so far, in the order of the file.
class Problems {
public:
    explicit Problems(std::string file) : file_{std::move(file)} {}
    void add(Mark where, std::string_view path, std::string_view text);
    bool empty() const { return lines_.empty(); }
    const std::vector<std::string>& lines() const { return lines_; }
    /// Throws ConfigurationError with all lines, joined by newlines, unless there are none.
    void raise_if_any() const;

private:
    std::string file_;
    std::vector<std::string> lines_;
    std::vector<Mark> marks_;  // of the lines
};

/// Reads the keys of one mapping. A wrong type, a missing key and a key that nobody asked for are problems; the
/// reader then gets the default and reading goes on.
/// T: bool, int, std::int64_t, unsigned, double, std::string, std::vector<std::string>, std::chrono::seconds
/// (a number of seconds, or text like "90s", "5m", "2h", "1d"), std::chrono::milliseconds ("200ms"), Value.
class MapReader {
public:
    /// `value` may be null (an empty map). The value and the problems must outlive the reader.
    MapReader(const Value& value, std::string path, Problems& problems);

    template <class T>
    T required(std::string_view key);
    template <class T>
    T value_or(std::string_view key, T fallback);
    template <class T>
    std::optional<T> maybe(std::string_view key);

    /// A nested mapping; empty when absent.
    MapReader map(std::string_view key);
    /// The mappings of a list; empty when absent.
    std::vector<MapReader> maps(std::string_view key);
    /// The raw value, or nullptr; counts as asked for.
    const Value* raw(std::string_view key);

    bool has(std::string_view key) const;
    const std::string& path() const { return path_; }
    Mark mark() const;
    void problem(std::string_view key, std::string_view text);
    /// Reports the keys that nobody asked for. Call it last.
    void finish();

private:
    const Value* value_;
    Mark mark_;  // of the mapping; when it is absent, of the one around it
    std::string path_;
    Problems* problems_;
    std::vector<std::string> asked_;
};

}  // namespace patchbay::config
