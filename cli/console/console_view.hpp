// SPDX-License-Identifier: Apache-2.0
#pragma once
// The messages of a console's WebSocket (docs/leases.md), as a person sees them. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console/escape_menu.hpp"
#include "core/config/value.hpp"

namespace patchbay::cli {

class ConsoleView {
public:
    /// What the screen gets for a message of the server: bytes as they are, and sentences on lines of their own.
    std::string show(std::string_view message);
    /// Of the query of a new connection: what comes next. "": of that console nothing is counted.
    std::string place() const;

private:
    std::string note(const std::string& text) const;
    std::string greet(const config::Value& said);

    bool greeted_ = false;
    bool live_ = false;
    std::string writer_;
    std::string job_;                        ///< a lease counts the bytes of its own time
    std::optional<std::int64_t> next_ = {};  ///< the number of the byte that comes next
};

/// The messages for what is typed; pasted keys make several.
std::vector<std::string> messages_of(const Keys& keys);
std::string message_of(const Wish& wish);

}  // namespace patchbay::cli
