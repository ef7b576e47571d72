// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who listens (lava_server/management/commands/lava-publisher.py), and what they may see.

#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

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

/// A worker hears of the jobs of its devices, whoever may see them, and of nothing else.
struct ListeningWorker {
    std::string name;
};
using Hearer = std::variant<Viewer, ListeningWorker>;

/// Of "Authorization: Basic <user>:<token>" or, as with REST, "Token <token>"; nobody without the header. With
/// LAVA-Host it is the worker of that name, whose token is in LAVA-Token.
/// Throws: ListenRefused; StoreError.
Hearer hearer_of_login(const Request& request, Database& db);

/// The part of a request that says who it is from.
Request login_of(const Request& request);

/// The headers by which it was known: the same for the same hearer. Pure.
std::string login_key(const Request& login);

/// Pure.
bool hears(const Hearer& hearer, const Event& event);

}  // namespace patchbay
