// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machines whose devices these are. Each device names its worker; a lab of one daemon has one, this machine.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/query.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

struct WorkerRow {
    std::string hostname;
    WorkerHealth health = WorkerHealth::active;
    std::string description;
    int job_limit = 0;  ///< of its devices so many run at once, health checks included; 0: all
};

class Workers {
public:
    explicit Workers(Database& db) : db_{db} {}

    /// The workers are those of the stored devices that are not Retired, and `hostname`, which the configuration names.
    /// What was set about a worker that stays is kept.
    void configure(const std::string& hostname);

    std::optional<WorkerRow> find(const std::string& hostname);
    std::vector<WorkerRow> list(const Query& query);
    std::int64_t count(const Query& query);

    /// Does some worker run fewer jobs than it has devices? Then the end of a job matters to all its device types.
    bool any_limited();

    /// What is not set stays. False: no such worker.
    bool update(const std::string& hostname, const std::optional<std::string>& description,
                std::optional<int> job_limit);
    /// With what follows for its devices (lava-server.md 4.3): back at work, its Good devices become Unknown, unless it
    /// was Retired; Retired, so become all but the Bad ones. False: no such worker.
    bool set_health(const std::string& hostname, WorkerHealth health, WallTime now);

private:
    Database& db_;
};

/// The workers whose devices may start jobs: Active, and below their job_limit. For "worker_host IN (...)".
inline constexpr auto usable_workers_sql =
    "SELECT worker.hostname FROM worker WHERE worker.health = 0 AND (worker.job_limit = 0 OR worker.job_limit > "
    "(SELECT COUNT(*) FROM device AS busy WHERE busy.worker_host = worker.hostname AND busy.state > 0))";

}  // namespace patchbay
