// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON and times as Python's json.dumps and isoformat write them: events are compared byte for byte by nobody, but
// clients that split texts instead of parsing them get what they know. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace patchbay {

/// `text` in quotes, everything but ASCII as \uXXXX; invalid UTF-8 as \ufffd.
void append_python_string(std::string& out, std::string_view text);

/// "2026-11-22T08:44:47.604240"; whole seconds have no fraction.
std::string python_time(WallTime time);

/// {"a": 1, "b": "text"}
class PythonObject {
public:
    PythonObject& add(std::string_view key, std::string_view text);
    PythonObject& add(std::string_view key, std::int64_t number);
    PythonObject& add(std::string_view key, bool flag);
    PythonObject& add_null(std::string_view key);
    /// Nothing when there is none.
    template <class T>
    PythonObject& add_known(std::string_view key, const std::optional<T>& maybe) {
        return maybe ? add(key, *maybe) : *this;
    }
    std::string take() { return std::move(out_) + "}"; }

private:
    std::string& begin(std::string_view key);
    std::string out_ = "{";
};

}  // namespace patchbay
