// SPDX-License-Identifier: Apache-2.0
#pragma once
// Devices pull: when a device is idle it takes the health check that is due, else the best job that it may run. Runs
// when something changed, never on a tick (LAVA: lava_scheduler_app/scheduler.py).

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/sharing/rules.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

class Scheduler {
public:
    /// `start` is called on the io thread for each new lease (the job is Scheduled, the device Reserved).
    Scheduler(asio::any_io_executor io, Store& store, std::function<void(LeaseRow)> start);
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    /// `stop` is called on the io thread for each lease that shall stop for others. Before run().
    void on_stop(std::function<void(LeaseRow)> stop) { stop_ = std::move(stop); }

    /// Who may use how much, and when; from now on. Jobs that have a device keep it.
    void set_sharing(SharingRules rules);
    std::shared_ptr<const SharingRules> sharing() const { return sharing_; }

    /// Stores a job and looks for its device.
    /// `also` runs in the transaction that stores it.
    /// Done when: the job is on the disk; its device may be found later. Throws: QueueFull, SharingRefusal; StoreError.
    Task<JobId> submit(NewJob job, QueueLimits limits = {}, std::function<void(Database&, JobId)> also = {});
    /// The same for jobs that were handed in together: all, or none. In their order.
    Task<std::vector<JobId>> submit_all(std::vector<NewJob> jobs, QueueLimits limits,
                                        std::function<void(Database&, const std::vector<JobId>&)> also);
    /// The same for a multinode job: all its parts, which begin together, or none. Throws: as submit().
    Task<std::vector<PartRow>> submit_group(NewGroup group, QueueLimits limits = {});

    /// Sets a device's health by hand and looks for a job when that made it usable; `deed` says whose it is, and is
    /// recorded in the same transaction. False: no such device. Throws: StoreError; nothing was set then.
    Task<bool> set_health(std::string hostname, DeviceHealth health, std::string reason, std::optional<Deed> deed = {});

    /// Devices of this type may have become idle, or jobs for it may have come.
    void wake(const std::string& device_type);
    /// A job has given back a device of this type, and may wait in the queue again.
    void device_free(const std::string& device_type);
    /// Everything may have changed.
    void wake_all();
    /// A job with a queue time-out may have come.
    void wake_expiry();

    /// Schedules until cancelled. Spawned once by main().
    Task<> run();
    /// Cancels queued jobs whose time-out passes; spawned once by main().
    Task<> run_queue_timeouts();
    /// Wakes the types whose health checks become due by time; spawned once by main().
    Task<> run_health_checks();

private:
    Task<> schedule_type(std::string device_type);
    bool spans_types() const;
    void take_due_types();
    Clock::time_point next_look(bool some_failed) const;

    asio::any_io_executor io_;
    Store& store_;
    std::function<void(LeaseRow)> start_;
    std::function<void(LeaseRow)> stop_;
    Timer changed_;
    Timer expiry_changed_;
    bool expiry_dirty_ = true;
    std::set<std::string> dirty_;
    std::map<std::string, WallTime> chances_;  ///< when the clock may let jobs of a type begin
    std::shared_ptr<const SharingRules> sharing_ = std::make_shared<SharingRules>();  ///< the writer's thread reads it
};

}  // namespace patchbay
