// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/change_worker.hpp"

#include <spdlog/spdlog.h>

#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/enrolment.hpp"
#include "daemon/store/workers.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

namespace {

/// "health Maintenance: new fan; description; job_limit 4"
std::string said(const WorkerChange& change) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    if (change.health)
        add("health " + std::string{to_string(*change.health)} + (change.reason.empty() ? "" : ": " + change.reason));
    if (change.description) add("description");
    if (change.job_limit) add("job_limit " + std::to_string(*change.job_limit));
    return text;
}

}  // namespace

Task<bool> change_worker(Services& lab, std::string hostname, WorkerChange change, std::string user) {
    Deed deed{user, "worker.change", hostname, said(change)};
    auto write = [hostname, change](Database& db) {
        Workers workers{db};
        if (change.health) workers.set_health(hostname, *change.health, wall_now());
        return workers.update(hostname, change.description, change.job_limit);
    };
    const bool known = co_await write_audited(lab.store, std::move(deed), std::move(write));
    if (!known) co_return false;
    if (change.health)
        spdlog::info("worker health set worker={} health={} user={} reason=\"{}\"", hostname, to_string(*change.health),
                     user, change.reason);
    lab.scheduler.wake_all();
    if (change.health == WorkerHealth::retired) co_await lab.supervisor.leave_retired_devices();
    co_return true;
}

Task<std::string> add_worker(Services& lab, std::string hostname, WorkerChange as, std::string user) {
    Deed deed{std::move(user), "worker.token", hostname, ""};
    auto write = [hostname, as](Database& db) {
        Workers workers{db};
        if (workers.find(hostname)) throw NoNewWorker{NoNewWorker::Why::known};
        auto enrolled = enrol(db, hostname, Enrolment::first);
        if (enrolled.full) throw NoNewWorker{NoNewWorker::Why::too_many};
        if (as.health && *as.health != WorkerHealth::active) workers.set_health(hostname, *as.health, wall_now());
        workers.update(hostname, as.description, as.job_limit);
        return enrolled.token;
    };
    co_return co_await write_audited(lab.store, std::move(deed), std::move(write));
}

}  // namespace patchbay
