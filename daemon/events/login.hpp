// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who listens (lava-server.md 9.2), and what they may see.

#include <optional>
#include <stdexcept>
#include <string>

#include "daemon/events/event.hpp"
#include "daemon/http/message.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

/// The texts are LAVA's.
struct ListenRefused : std::runtime_error {
    ListenRefused(const std::string& text, bool wrong) : std::runtime_error{text}, wrong_secret{wrong} {}
    bool wrong_secret;  ///< it counts as a failed login
};

/// Of "Authorization: Basic <user>:<token>" or, as with REST, "Token <token>"; nobody without the header.
/// Throws: ListenRefused; StoreError.
Viewer viewer_of_login(const Request& request, Database& db);

/// The part of a request that says who it is from.
Request login_of(const Request& request);

/// Pure.
bool sees(const Viewer& viewer, const Sight& sight);

}  // namespace patchbay
