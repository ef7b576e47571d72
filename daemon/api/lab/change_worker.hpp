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

/// Why no worker was added; what() is for who asked.
struct NoNewWorker : JobError {
    enum class Why { known, too_many };
    explicit NoNewWorker(Why reason)
        : JobError{reason == Why::known ? "worker with this hostname already exists."
                                        : "Too many workers are there that no device names; delete some first."},
          why{reason} {}
    Why why;
};

/// Adds a remote worker of a good name; its token, which is shown once. Throws: NoNewWorker; StoreError.
Task<std::string> add_worker(Services& lab, std::string hostname, WorkerChange as, std::string user);

/// Why a worker is not set up or removed here.
struct WorkerOfTheFile : JobError {
    explicit WorkerOfTheFile(const std::string& hostname)
        : JobError{"worker '" + hostname +
                   "': what it is like and which devices it has stands in the lab's configuration file (worker_host, "
                   "env_dut, dispatcher_ip for the daemon's own machine; workers and devices for others)"} {}
};

}  // namespace patchbay
