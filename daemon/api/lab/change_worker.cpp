// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/change_worker.hpp"

#include <spdlog/spdlog.h>

#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/workers.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

Task<bool> change_worker(Services& lab, std::string hostname, WorkerChange change, std::string user) {
    auto write = [hostname, change](Database& db) {
        Workers workers{db};
        if (change.health) workers.set_health(hostname, *change.health, wall_now());
        return workers.update(hostname, change.description, change.job_limit);
    };
    const bool known = co_await lab.store.write(std::move(write));
    if (!known) co_return false;
    if (change.health)
        spdlog::info("worker health set worker={} health={} user={} reason=\"{}\"", hostname, to_string(*change.health),
                     user, change.reason);
    lab.scheduler.wake_all();
    if (change.health == WorkerHealth::retired) co_await lab.supervisor.leave_retired_devices();
    co_return true;
}

}  // namespace patchbay
