// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machines whose devices these are. Each device names its worker: this machine, or a remote one, where a LAVA
// worker runs the jobs and asks this daemon for them (docs/workers.md).

#include <optional>
#include <set>
#include <string>
#include <string_view>
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
    bool remote = false;
    WorkerState state = WorkerState::online;  ///< of a remote one: whether it has asked lately
    std::optional<WallTime> last_ping;        ///< of a remote one
    std::string version;                      ///< of a remote one, as it says
    std::string token_hash;                   ///< of a remote one; empty: it has not attached yet
};

class Workers {
public:
    explicit Workers(Database& db) : db_{db} {}

    /// `hostname` is this machine. The others are remote: those of stored devices that are not Retired, `named` ones,
    /// and those that have a token. What was set about a worker that stays is kept.
    void configure(const std::string& hostname, const std::vector<std::string>& named = {});

    std::optional<WorkerRow> find(const std::string& hostname);
    std::vector<WorkerRow> list(const Query& query);
    std::int64_t count(const Query& query);
    /// The names of those that are other machines.
    std::set<std::string> remote();

    /// Does some worker run fewer jobs than it has devices? Then the end of a job matters to all its device types.
    bool any_limited();

    /// What is not set stays. False: no such worker.
    bool update(const std::string& hostname, const std::optional<std::string>& description,
                std::optional<int> job_limit);
    /// With what follows for its devices (lava_scheduler_app/models.py, worker_signal): back at work, its Good devices
    /// become Unknown, unless it was Retired; Retired, so become all but the Bad ones. False: no such worker.
    bool set_health(const std::string& hostname, WorkerHealth health, WallTime now);

    /// A remote worker of this name has this token from now on, whether it was known or not.
    void enroll(const std::string& hostname, const std::string& token_hash);
    /// Remote workers that have a token and no device.
    std::int64_t count_without_devices();
    /// False: it is not there, not remote, or devices name it, or it runs a job.
    bool remove(const std::string& hostname);

    /// It has asked for its jobs. True: it was Offline.
    bool heard(const std::string& hostname, std::string_view version, WallTime now);
    /// When the one that has been silent for longest was heard, of those that are remote and Online.
    std::optional<WallTime> longest_silent();
    /// Those that were heard last at `since` or before are Offline now: their names.
    std::vector<std::string> silent_since(WallTime since);

private:
    Database& db_;
};

/// The workers whose devices may start jobs: Active, Online, and below their job_limit. For "worker_host IN (...)".
inline constexpr auto usable_workers_sql =
    "SELECT worker.hostname FROM worker WHERE worker.health = 0 AND worker.state = 0 AND (worker.job_limit = 0 OR "
    "worker.job_limit > "
    "(SELECT COUNT(*) FROM device AS busy WHERE busy.worker_host = worker.hostname AND busy.state > 0))";

/// Those that are other machines.
inline constexpr auto remote_workers_sql = "SELECT worker.hostname FROM worker WHERE worker.remote = 1";

}  // namespace patchbay
