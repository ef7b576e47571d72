// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/login.hpp"

#include <array>

#include "core/equal_secrets.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/authenticate.hpp"
#include "daemon/store/users.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

constexpr std::array login_headers{"authorization", "lava-host", "lava-token"};

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

ListeningWorker worker_of(const Request& request, Database& db) {
    const auto worker = Workers{db}.find(*request.header("lava-host"));
    if (!worker || !worker->remote) throw ListenRefused{"Unknown worker", false};
    const auto* token = request.header("lava-token");
    if (!token || worker->token_hash.empty() || !equal_secrets(sha256_hex(*token), worker->token_hash))
        throw ListenRefused{"Invalid worker token", true};
    return {worker->hostname};
}

bool sees(const Viewer& viewer, const Sight& sight) {
    if (const auto* job = std::get_if<JobSight>(&sight)) return may_see(viewer, *job);
    const auto* device = std::get_if<DeviceInSight>(&sight);
    return !device || viewer.sees_device(device->device);
}

}  // namespace

Hearer hearer_of_login(const Request& request, Database& db) {
    if (request.header("lava-host")) return worker_of(request, db);
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
    for (const auto* name : login_headers)
        if (const auto* value = request.header(name)) login.headers.emplace_back(name, *value);
    return login;
}

std::string login_key(const Request& login) {
    std::string key;
    for (const auto* name : login_headers) {
        const auto* value = login.header(name);
        key += value ? *value + "\n" : "\n";  // no header has a line end in it
    }
    return key;
}

bool hears(const Hearer& hearer, const Event& event) {
    if (const auto* worker = std::get_if<ListeningWorker>(&hearer)) return event.worker == worker->name;
    return sees(std::get<Viewer>(hearer), event.sight);
}

}  // namespace patchbay
