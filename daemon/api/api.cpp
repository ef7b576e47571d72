// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/authenticate.hpp"
#include "daemon/api/cross_site.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/api/route.hpp"
#include "daemon/http/http_error.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

void check_access(const Who& who, const std::optional<UserRow>& user, Database& db) {
    if (who.access == Access::anyone) return;
    if (!user) throw credentials_missing();
    if (who.access == Access::superuser && !user->superuser) throw permission_denied();
    if (!has_permission(who, user, db)) throw permission_denied();
}

ApiError method_not_allowed(const std::string& method) {
    return api_error(405, "detail", "Method \"" + method + "\" not allowed.");
}

Response describe_route(std::string_view path) {
    JsonWriter json;
    json.begin_object().member("name", path).member("description", "");
    json.key("renders").begin_array().value("application/json").end_array();
    json.key("parses").begin_array().value("application/json").value("application/x-www-form-urlencoded");
    json.value("multipart/form-data").end_array().end_object();
    return json_answer(200, json.take());
}

/// LAVA's router takes "devices/x.json" for "devices/x/?format=json". Not where something of that name would be
/// changed: it may be "x.json" that was meant.
RouteMatch find_route_of(const Request& request) {
    constexpr std::string_view suffix = ".json/";
    std::string_view path = request.path;
    const bool may_be_format =
        request.method == Method::get || request.method == Method::head || request.method == Method::post;
    if (!may_be_format || !path.starts_with("/api/") || !path.ends_with(suffix))
        return find_route(routes(), request.method, path);
    path.remove_suffix(suffix.size());
    if (path.ends_with('/')) return {};
    return find_route(routes(), request.method, std::string{path} + "/");
}

/// The order of the checks is LAVA's: the format, who it is, the method, whether they may, the handler.
Task<Response> dispatch(Request& request, Services& lab, RouteMatch& match, bool& authenticated) {
    if (match.allow.empty()) throw not_found();
    if (const auto* format = request.query_value("format"); format && *format != "json") throw not_found();
    Call call{request, lab, authenticate(request, lab.store.reader()), std::move(match.path_values)};
    authenticated = call.user.has_value();
    if (request.method == Method::options) co_return describe_route(request.path);
    if (!match.route) throw method_not_allowed(request.method_name);
    if (match.route->changes() && is_cross_site(request)) throw cross_site();
    check_access(match.route->who, call.user, lab.store.reader());
    co_return co_await match.route->handler(call);
}

}  // namespace

Task<Response> answer_api(Request& request, Services& lab) {
    auto match = find_route_of(request);
    const auto allow = match.allow;
    std::exception_ptr failure;
    Response response;
    bool authenticated = false;
    try {
        response = co_await dispatch(request, lab, match, authenticated);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) response = answer_for(failure, request);
    response.authenticated = authenticated;
    if (!allow.empty()) response.headers.emplace_back("Allow", allow);
    co_return response;
}

BodyRight body_right(const Request& head, Services& lab) {
    try {
        if (authenticate(head, lab.store.reader())) return BodyRight::user;
    } catch (const ApiError&) {
        // A wrong token; with a small body the answer says so.
    } catch (const StoreError&) {
        throw HttpError{503, "The lab cannot read its data at the moment."};
    }
    const auto match = find_route_of(head);
    return match.route && match.route->who.access == Access::anyone ? BodyRight::anyone : BodyRight::none;
}

}  // namespace patchbay
