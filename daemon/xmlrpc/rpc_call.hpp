// SPDX-License-Identifier: Apache-2.0
#pragma once
// One call on its way through a method: what was given, by whom, and what may be used to answer it. Arguments count
// from 0; one that is missing or nil is the same.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"
#include "daemon/api/call.hpp"
#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

struct RpcCall {
    Services& lab;
    std::optional<UserRow> user;  ///< nullopt: anonymous
    config::List arguments;
    /// Set by a method when a Binary of its answer is too long to be kept: the one that it left empty. Each call gives
    /// the next bytes, "" at the end. Throws: StoreError.
    std::function<std::string()> long_binary = {};

    /// As the store has it when asked.
    Viewer viewer() const;
    /// As LAVA's texts name it.
    std::string user_name() const { return user ? user->name : "AnonymousUser"; }

    /// nullptr when it is missing or nil.
    const config::Value* argument(std::size_t index) const;
    /// A text, or a number as its digits. Throws: Fault 400, also the ones below.
    std::string text(std::size_t index) const;
    std::optional<std::string> maybe_text(std::size_t index) const;
    std::int64_t number(std::size_t index, std::int64_t otherwise) const;
    bool flag(std::size_t index, bool otherwise = false) const;
    /// nullopt when it is missing.
    std::optional<std::vector<std::string>> texts(std::size_t index, std::string_view what) const;
};

/// nil for nothing.
template <class T>
config::Value or_nil(const std::optional<T>& value) {
    return value ? config::Value{*value} : config::Value{};
}
/// LAVA's answer for a text that nobody wrote.
inline config::Value or_nil(const std::string& text) { return text.empty() ? config::Value{} : config::Value{text}; }

}  // namespace patchbay
