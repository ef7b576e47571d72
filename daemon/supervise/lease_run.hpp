// SPDX-License-Identifier: Apache-2.0
#pragma once
// One lease from its start (or its adoption) to its end.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/health_reason.hpp"
#include "daemon/store/sessions.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/control_client.hpp"
#include "daemon/supervise/coordinator.hpp"
#include "daemon/supervise/ingest.hpp"
#include "daemon/supervise/runner_process.hpp"
#include "daemon/supervise/runner_unit.hpp"
#include "daemon/supervise/session_link.hpp"
#include "daemon/supervise/times.hpp"

namespace patchbay {

class LeaseRun {
public:
    /// `workers` write and read the files of the lease. `coordinator`: what the parts of multinode groups say to each
    /// other.
    LeaseRun(asio::any_io_executor io, asio::thread_pool& workers, Store& store, Events& events,
             const Settings& settings, SupervisorTimes times, Coordinator& coordinator, LeaseRow lease);
    ~LeaseRun();
    LeaseRun(const LeaseRun&) = delete;
    LeaseRun& operator=(const LeaseRun&) = delete;

    /// Done when: the lease is closed, or is no longer ours. Whatever goes wrong on the way ends the lease, not the
    /// daemon. Cancellation: safe; the runner goes on and the lease can be adopted again.
    Task<> run();
    /// The job is Canceling; tell the runner.
    void cancel();
    /// The lease as stored shall stop for others; tell the runner.
    void stop(const LeaseRow& lease);
    /// The group has answered a call of the runner.
    void tell(const GroupAnswer& answer);

    /// The end of a person's lease is another one.
    void session_end_changed();

    const LeaseRow& lease() const { return lease_; }
    /// nullptr: it is a job's.
    const std::shared_ptr<SessionLink>& session() const { return session_; }
    /// Of its multinode group; empty for other jobs.
    const std::string& target_group() const { return target_group_; }
    /// After run(): the folder of a lease that was closed, for remove_folder(); empty when there is none.
    const std::filesystem::path& leftover() const { return leftover_; }

private:
    Task<> follow();
    Task<> begin();
    bool touched_device() const;
    Task<> write_files();
    Task<bool> read_files();
    Task<> limit_runner(JobRow job);
    void limit_session(const SessionRow& session);
    Task<> note_session_end(std::string why);
    void connect_session();
    Task<> start_runner();
    Task<RunnerProcess> launch(RunnerWork work);
    Task<> note_runner();
    Task<> watch();
    Task<> stop_watchers();
    Task<> await_exit();
    Task<bool> ingest();
    Task<> wait_for_news();
    void press_on();
    Task<> kill_runner();
    Task<> tell_of_survivor();
    Task<bool> blame_device(HealthReason reason);
    Task<> end_after_runner();
    bool was_stopped() const;
    Task<> end_stopped();
    void tell_to_stop();
    Task<> end_by(std::string error_type, std::string message);
    bool is_ours() const;
    Task<> make_safe();
    struct SafeAttempt {
        RunnerEnd end;
        std::string error;  ///< what it said of its failure; empty: it was killed before it could
    };
    Task<SafeAttempt> run_make_safe();
    Task<RunnerEnd> end_of_attempt(RunnerProcess& attempt);
    Task<> finish(IngestBatch batch, Outcome outcome);
    void leave_folder();

    /// Runs a write until the store takes it: a full disk must not end a job.
    template <class Fn>
    Task<std::invoke_result_t<Fn&, Database&>> persist(Fn fn);

    asio::any_io_executor io_;
    asio::thread_pool& workers_;
    Store& store_;
    Events& events_;
    const Settings& settings_;
    SupervisorTimes times_;
    Coordinator& coordinator_;
    LeaseRow lease_;
    std::string target_group_;
    std::filesystem::path folder_, leftover_;

    std::optional<RunnerProcess> runner_;
    std::optional<ControlClient> control_;
    std::shared_ptr<SessionLink> session_;
    std::optional<JournalReader> journal_;
    TaskGroup watchers_;
    Timer news_;
    bool has_news_ = true;
    bool exited_ = false;
    RunnerEnd end_;
    std::optional<Outcome> outcome_;
    std::optional<Clock::time_point> canceled_at_, outcome_at_;
    Clock::duration power_off_time_{0};  ///< as the files say that were written or read last
    Clock::time_point latest_end_ = Clock::time_point::max();
    bool in_overtime_ = false;
    bool terminated_ = false;
    std::optional<Clock::time_point> killed_at_;
    bool survivor_told_ = false;
    Clock::time_point last_batch_{};
    bool keep_log_ = false;
};

}  // namespace patchbay
