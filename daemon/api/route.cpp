// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/route.hpp"

#include <array>
#include <utility>

#include "daemon/store/rights.hpp"

namespace patchbay {

bool has_permission(const Who& who, const std::optional<UserRow>& user, Database& db) {
    return who.permission.empty() || Rights{db, user}.everywhere("lava_scheduler_app." + std::string{who.permission});
}

namespace {

/// Both end in '/'. A literal segment is compared, a hole takes what is there.
bool matches(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const auto pattern_end = pattern.find('/');
        const auto path_end = path.find('/');
        const auto segment = pattern.substr(0, pattern_end);
        if (segment.starts_with('{') ? path_end == 0 : segment != path.substr(0, path_end)) return false;
        pattern.remove_prefix(pattern_end + 1);
        path.remove_prefix(path_end + 1);
    }
    return pattern.empty() && path.empty();
}

std::vector<std::string> holes(std::string_view pattern, std::string_view path) {
    std::vector<std::string> values;
    while (!pattern.empty()) {
        const auto path_end = path.find('/');
        if (pattern.starts_with('{')) values.emplace_back(path.substr(0, path_end));
        pattern.remove_prefix(pattern.find('/') + 1);
        path.remove_prefix(path_end + 1);
    }
    return values;
}

constexpr std::array<std::pair<Method, std::string_view>, 5> method_names{{
    {Method::get, "GET"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::del, "DELETE"},
}};

}  // namespace

RouteMatch find_route(std::span<const Route> table, Method method, std::string_view path) {
    if (method == Method::head) method = Method::get;
    RouteMatch match;
    std::array<bool, method_names.size()> allowed{};
    bool known = false;
    std::string_view pattern;
    for (const auto& route : table) {
        // A path with literals, like jobs/validate/, stands before the one with a hole in its place.
        if (known ? route.path != pattern : !matches(route.path, path)) continue;
        known = true;
        pattern = route.path;
        for (std::size_t i = 0; i < method_names.size(); ++i) allowed[i] |= method_names[i].first == route.method;
        if (route.method == method) match.route = &route;
    }
    if (!known) return match;
    for (std::size_t i = 0; i < method_names.size(); ++i) {
        if (allowed[i]) match.allow.append(method_names[i].second).append(", ");
    }
    match.allow += allowed[0] ? "HEAD, OPTIONS" : "OPTIONS";
    if (match.route) match.path_values = holes(pattern, path);
    return match;
}

}  // namespace patchbay
