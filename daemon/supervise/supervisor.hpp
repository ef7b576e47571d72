// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs one runner process for each lease, brings what it writes into the store, and ends the lease whatever happens to
// the runner or to this process (docs/lease-folder.md).

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/task.hpp"
#include "core/task_group.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/board_commands.hpp"
#include "daemon/supervise/coordinator.hpp"
#include "daemon/supervise/times.hpp"

namespace patchbay {

class LeaseRun;
class SessionLink;

enum class CancelOutcome {
    finished,      ///< nobody had begun it; it is Finished, Canceled now
    signal_sent,   ///< its runner was told, or its worker is when it asks next; Canceling
    already_over,  ///< Canceling or Finished before
    no_such_job,
};

/// Who touches the folders of leases. A lease may have to wait for the files of its folder until its device is safe, so
/// the threads for them do nothing else for long; that of a removal may take minutes, and nobody waits for it.
struct LeaseThreads {
    asio::thread_pool& files;
    asio::thread_pool& removals;
};

class Supervisor {
public:
    /// `device_free` is called on the io thread when a lease has ended, with the device type.
    Supervisor(asio::any_io_executor io, LeaseThreads threads, Store& store, Events& events, const Settings& settings,
               std::function<void(const std::string& device_type)> device_free, SupervisorTimes times = {});
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Takes over every open lease of an earlier daemon, but those of remote workers: live runners go on, dead ones are
    /// ended.
    /// Throws: ConfigurationError, there are leases that the store does not know; nothing was begun then.
    void adopt();
    /// Starts a runner for a new lease, unless a remote worker runs it.
    void start(LeaseRow lease);
    /// Cancels the job, queued or running; of a multinode job, whoever asks, every part (lava_scheduler_app/models.py).
    /// `deed`: whose it is, recorded in the same transaction when it changed something.
    /// Done when: the new state is on the disk. Throws: StoreError; nothing was canceled then.
    Task<CancelOutcome> cancel(JobId job, std::string reason, std::optional<Deed> deed = {});
    /// Ends a job that is Canceling at a remote worker which does not come back. False: it is not such a job.
    /// Throws: StoreError.
    Task<bool> give_up(JobId job, std::string user);
    /// The lease as stored shall stop for others; nothing happens when it has ended.
    void stop_attempt(const LeaseRow& lease);
    /// The lease of a person that has its device; nullptr: there is none.
    std::shared_ptr<SessionLink> session(JobId job);
    /// What people wish of the boards of their leases.
    BoardCommands& commands() { return commands_; }
    /// Its end as stored is another one.
    void session_end_changed(JobId job);
    /// Cancels the jobs of devices that were retired. Throws: StoreError.
    Task<> leave_retired_devices();

    /// Leases that are being looked after.
    std::size_t size() const { return runs_.size(); }
    /// Leaves the runners running and stops reading. Done when: no coroutine of a lease is left.
    Task<> stop();

private:
    Task<CancelOutcome> cancel_all(std::vector<JobId> jobs, std::string reason, std::optional<Deed> deed);
    Task<> supervise(std::shared_ptr<LeaseRun> run);
    void part_ended(JobId job, const std::string& target_group);
    Task<> discard(std::filesystem::path folder);

    asio::any_io_executor io_;
    LeaseThreads threads_;
    Store& store_;
    Events& events_;
    const Settings& settings_;
    std::function<void(const std::string&)> device_free_;
    SupervisorTimes times_;
    Coordinator coordinator_;
    std::unordered_map<JobId, std::shared_ptr<LeaseRun>> runs_;
    BoardCommands commands_;
    TaskGroup group_;
};

}  // namespace patchbay
