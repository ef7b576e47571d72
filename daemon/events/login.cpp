// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/login.hpp"

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/authenticate.hpp"

namespace patchbay {
namespace {

ListenRefused refused(const ApiError& error, bool wrong_secret) {
    if (wrong_secret) return {"Unknown user", true};
    const bool scheme = error.text.starts_with("Unsupported");
    return {scheme ? "Only Basic authentication is supported" : "Invalid basic authentication", false};
}

std::optional<UserRow> user_of(const Request& request, Database& db) {
    const auto* header = request.header("authorization");
    if (header && lower_case(header->substr(0, 6)) == "token ") return authenticate(request, db);
    return authenticate_basic(request, db);
}

}  // namespace

Viewer viewer_of_login(const Request& request, Database& db) {
    // What only a worker sends: it asks for its jobs by itself and needs no event.
    if (request.header("lava-host")) throw ListenRefused{"Unknown worker", false};
    try {
        return viewer_of(db, user_of(request, db));
    } catch (const LoginRefused& error) {
        throw refused(error, true);
    } catch (const ApiError& error) {
        throw refused(error, error.status == 403);
    }
}

Request login_of(const Request& request) {
    Request login;
    login.peer = request.peer;
    for (const auto* name : {"authorization", "lava-host"})
        if (const auto* value = request.header(name)) login.headers.emplace_back(name, *value);
    return login;
}

bool sees(const Viewer& viewer, const Sight& sight) {
    if (const auto* job = std::get_if<JobSight>(&sight)) return may_see(viewer, *job);
    const auto* device = std::get_if<DeviceInSight>(&sight);
    return !device || viewer.sees_device(device->device);
}

}  // namespace patchbay
