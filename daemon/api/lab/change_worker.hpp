// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/errors.hpp"
#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// What somebody set about a worker, over REST or XML-RPC. What is not set stays as it is.
struct WorkerChange {
    std::optional<WorkerHealth> health;
    std::string reason;  ///< for the health, may be empty
    std::optional<std::string> description;
    std::optional<int> job_limit;
};

/// The scheduler looks again; jobs on devices that are Retired now are canceled. False: no such worker.
/// Throws: StoreError.
Task<bool> change_worker(Services& lab, std::string hostname, WorkerChange change, std::string user);

/// Why workers are not added, removed or set up here.
struct WorkerIsThisMachine : JobError {
    explicit WorkerIsThisMachine(const std::string& hostname)
        : JobError{"the worker of this lab is the machine of its daemon, '" + hostname +
                   "'; what it is like stands in its configuration file (worker_host, env_dut, dispatcher_ip)"} {}
};

}  // namespace patchbay
