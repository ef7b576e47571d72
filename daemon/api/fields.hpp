// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the body of a request says, whether it is JSON, a form or multipart.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/value.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

class Fields {
public:
    /// Throws: ApiError 415 for another type, 400 for a body that is not of its type or no mapping.
    explicit Fields(const Request& request);

    /// nullptr when absent.
    const config::Value* find(std::string_view name) const { return values_.find(name); }
    /// A text; numbers count as their digits, surrounding blanks do not count (rest_framework/fields.py, CharField).
    /// Throws: ApiError 400 {"<name>":["This field is required."]} and the like.
    std::string required_text(std::string_view name) const;
    std::optional<std::string> text(std::string_view name) const;
    /// JSON booleans, and the words of forms: "false", "0", "no", "off" and "" are false, everything else true.
    bool flag(std::string_view name) const;
    /// nullopt when absent.
    std::optional<bool> maybe_flag(std::string_view name) const;
    /// Of a whole number, or its digits. Throws: ApiError 400 {"<name>":["A valid integer is required."]}.
    std::optional<std::int64_t> number(std::string_view name) const;
    /// Of "90m" or "2h". Throws: ApiError 400 {"<name>":["write a time like 90m or 2h"]}.
    std::optional<std::chrono::seconds> duration(std::string_view name) const;
    /// A required_text() of at most `most` characters of UTF-8.
    std::string short_text(std::string_view name, std::size_t most) const;

private:
    config::Map values_;
};

}  // namespace patchbay
