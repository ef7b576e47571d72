// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which handler answers which URL. The table is in routes.cpp.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/api/call.hpp"

namespace patchbay {

enum class Access {
    anyone,  ///< also nobody; the handler sees to it that only visible things are shown
    user,    ///< any valid token
    superuser,
};

/// Who may: somebody of that kind, or users with a permission that holds everywhere, "add_alias" for LAVA's
/// lava_scheduler_app.add_alias. Superusers have all of them.
struct Who {
    constexpr Who(Access kind) : access{kind} {}
    constexpr Who(const char* name) : access{Access::user}, permission{name} {}

    Access access;
    std::string_view permission = {};
};
/// Has the user the permission that `who` asks for, if any?
bool has_permission(const Who& who, const std::optional<UserRow>& user, Database& db);

/// What a request does to the lab: GET reads and all others change something, unless the route says otherwise.
enum class Effect { of_method, change };

struct Route {
    Method method;
    std::string_view path;  ///< segments in braces match any one segment
    Who who;
    Task<Response> (*handler)(Call&);
    Effect effect = Effect::of_method;

    bool changes() const { return effect == Effect::change || method != Method::get; }
};

std::span<const Route> routes();

struct RouteMatch {
    const Route* route = nullptr;  ///< nullptr: no such path, or (with `allow`) not with this method
    std::vector<std::string> path_values;
    std::string allow;  ///< "GET, POST, HEAD, OPTIONS"; empty: no such path
};

/// HEAD is answered by GET's handler. Pure.
RouteMatch find_route(std::span<const Route> table, Method method, std::string_view path);

}  // namespace patchbay
