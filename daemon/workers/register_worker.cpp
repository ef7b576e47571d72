// SPDX-License-Identifier: Apache-2.0
// A worker says its name and gets a token.
#include <spdlog/spdlog.h>

#include "core/net/subnet.hpp"
#include "daemon/http/target.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/enrolment.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "daemon/workers/caller.hpp"
#include "daemon/workers/handlers.hpp"

namespace patchbay {
namespace {

struct Application {
    std::string name, user, password;
};

Application read_application(const std::string& body) {
    Application application;
    for (auto& [key, value] : parse_form(body)) {
        if (key == "name") application.name = std::move(value);
        if (key == "username") application.user = std::move(value);
        if (key == "password") application.password = std::move(value);
    }
    return application;
}

/// What is taken for a password is a token of theirs: passwords serve for getting one, and nothing else.
bool is_superuser(const Application& application, Database& db) {
    if (application.user.empty() && application.password.empty()) return false;
    const auto user = Users{db}.find_by_token(application.password);
    if (!user || !user->active || user->name != application.user)
        throw LoginRefused{worker_error(403, "Unknown user " + application.user)};
    return user->superuser;
}

}  // namespace

Task<Response> register_worker(Call& call) {
    const auto application = read_application(call.request.body);
    const bool by_superuser = is_superuser(application, call.lab.store.reader());
    const auto& networks = call.lab.settings.worker_registration;
    if (!by_superuser && networks.empty()) throw worker_error(403, "Auto registration is disabled");
    if (application.name.empty()) throw worker_error(400, "Missing 'name'");
    if (!is_device_name(application.name))
        throw worker_error(400, "Invalid 'name': a worker has 1 to 200 letters, digits, '.', '_' and '-'");
    const auto& peer = call.request.peer;
    const auto refuse_known = worker_error(403, "Worker '" + application.name + "' already registered");
    if (application.name == call.lab.settings.worker_host) throw refuse_known;
    const auto how = by_superuser ? Enrolment::anew : Enrolment::first;
    if (!by_superuser && Workers{call.lab.store.reader()}.find(application.name).value_or(WorkerRow{}).token_hash != "")
        throw refuse_known;
    if (!by_superuser && !Subnets{networks}.contain(peer))
        throw worker_error(403, "Auto registration is forbidden for '" + peer + "'");
    Deed deed{by_superuser ? application.user : "worker:" + application.name, "worker.register", application.name,
              "from " + peer};
    auto write = [deed, how](Database& db) {
        auto enrolled = enrol(db, deed.object, how);
        if (!enrolled.token.empty()) Audit{db}.record(deed, wall_now());
        return enrolled;
    };
    const auto enrolled = co_await call.lab.store.write(std::move(write));
    if (enrolled.full)
        throw worker_error(403, "Too many workers have registered that no device names; remove some first");
    if (enrolled.token.empty()) throw refuse_known;
    spdlog::info("worker registered worker={} client={} user={}", application.name, peer,
                 by_superuser ? application.user : "none");
    co_return worker_answer({{"name", application.name}, {"token", enrolled.token}});
}

Task<Response> refuse_named_registration(Call&) {
    throw worker_error(403, "POST is forbidden for such url");
    co_return Response{};
}

}  // namespace patchbay
