// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/supervisor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/errors.hpp"
#include "core/worker.hpp"
#include "daemon/schedule/leave_queue.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/supervise/group_ending.hpp"
#include "daemon/supervise/lease_folders.hpp"
#include "daemon/supervise/lease_run.hpp"
#include "daemon/supervise/unclaimed.hpp"

namespace patchbay {
namespace {

bool is_change(CancelOutcome outcome) {
    return outcome == CancelOutcome::finished || outcome == CancelOutcome::signal_sent;
}

}  // namespace

Supervisor::Supervisor(asio::any_io_executor io, LeaseThreads threads, Store& store, Events& events,
                       const Settings& settings, std::function<void(const std::string&)> device_free,
                       SupervisorTimes times)
    : io_{io},
      threads_{threads},
      store_{store},
      events_{events},
      settings_{settings},
      device_free_{std::move(device_free)},
      times_{times},
      coordinator_{store,
                   [this](JobId part, const GroupAnswer& answer) {
                       if (const auto run = runs_.find(part); run != runs_.end()) run->second->tell(answer);
                   }},
      commands_{io},
      group_{io} {}

Supervisor::~Supervisor() = default;

void Supervisor::adopt() {
    const auto leftovers = leftover_folders(store_, settings_);
    for (auto& lease : Leases{store_.reader()}.open_leases()) start(std::move(lease));
    for (const auto& folder : leftovers) {
        spdlog::info("removing the folder of a closed lease path={}", folder.string());
        group_.spawn("removal of " + folder.string(), discard(folder));
    }
}

void Supervisor::start(LeaseRow lease) {
    if (!lease.worker.empty()) return;  // its worker comes and asks for it
    const auto job = lease.job;
    auto run = std::make_shared<LeaseRun>(io_, threads_.files, store_, events_, settings_, times_, coordinator_,
                                          std::move(lease));
    runs_[job] = run;
    group_.spawn("lease of job " + std::to_string(job.value), supervise(std::move(run)));
}

Task<> Supervisor::supervise(std::shared_ptr<LeaseRun> run) {
    const auto job = run->lease().job;
    const auto hostname = run->lease().device;
    std::exception_ptr failure;
    try {
        co_await run->run();
    } catch (...) {
        failure = std::current_exception();
    }
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    // The job may have been queued again, and have its next lease.
    if (const auto current = runs_.find(job); current != runs_.end() && current->second == run) runs_.erase(current);
    // The lease stays open then; the next start of the daemon takes it up.
    if (failure) spdlog::error("lease given up job={} device={} error=\"{}\"", job.value, hostname, describe(failure));
    if (!run->target_group().empty()) part_ended(job, run->target_group());
    if (const auto device = Devices{store_.reader()}.find(hostname)) device_free_(device->device_type);
    if (!run->leftover().empty()) co_await discard(run->leftover());
}

Task<> Supervisor::discard(std::filesystem::path folder) {
    auto remove = [folder = std::move(folder)] { remove_folder(folder); };
    co_await on_worker(threads_.removals, std::move(remove));
}

/// The end of an essential part has cancelled the others in the store.
void Supervisor::part_ended(JobId job, const std::string& target_group) {
    bool some_run = false;
    for (const auto& part : MultinodeGroups{store_.reader()}.parts(target_group)) {
        const auto run = runs_.find(part.job);
        if (part.job == job || run == runs_.end()) continue;
        some_run = true;
        if (part.state != JobState::canceling) continue;
        run->second->cancel();
    }
    if (!some_run) coordinator_.forget(target_group);
}

Task<CancelOutcome> Supervisor::cancel(JobId job, std::string reason, std::optional<Deed> deed) {
    std::vector<JobId> jobs{job};
    MultinodeGroups groups{store_.reader()};
    const auto group = groups.group_of(job);
    if (!group.empty()) {
        for (const auto& part : groups.parts(group))
            if (part.job != job) jobs.push_back(part.job);
    }
    co_return co_await cancel_all(std::move(jobs), std::move(reason), std::move(deed));
}

/// The answer is that of the first.
Task<CancelOutcome> Supervisor::cancel_all(std::vector<JobId> all, std::string reason, std::optional<Deed> deed) {
    auto change = [all, reason, deed](Database& db) {
        Jobs jobs{db};
        std::vector<CancelOutcome> outcomes;
        for (const auto job : all) {
            if (leave_queue(db, job, reason, wall_now())) {
                outcomes.push_back(CancelOutcome::finished);
            } else if (jobs.cancel_running(job, reason)) {
                const bool ended = cancel_unclaimed(db, job, reason, wall_now());
                outcomes.push_back(ended ? CancelOutcome::finished : CancelOutcome::signal_sent);
            } else {
                outcomes.push_back(jobs.submitter(job) ? CancelOutcome::already_over : CancelOutcome::no_such_job);
            }
        }
        if (deed && std::ranges::any_of(outcomes, is_change)) Audit{db}.record(*deed, wall_now());
        return outcomes;
    };
    const auto outcomes = co_await store_.write(std::move(change));
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_change(outcomes[i])) continue;
        spdlog::info("job canceled job={} reason=\"{}\"", all[i].value, reason);
        if (outcomes[i] == CancelOutcome::finished) {
            // A device may have been kept for it.
            const auto row = Jobs{store_.reader()}.find(all[i]);
            if (row && row->requested_device_type) device_free_(*row->requested_device_type);
            continue;
        }
        if (const auto run = runs_.find(all[i]); run != runs_.end()) run->second->cancel();
    }
    co_return outcomes.front();
}

Task<bool> Supervisor::give_up(JobId job, std::string user) {
    auto end = [job, user](Database& db) { return give_up_at_worker(db, job, user, wall_now()); };
    const bool given_up = co_await store_.write(std::move(end));
    if (!given_up) co_return false;
    spdlog::warn("job given up job={} user={}", job.value, user);
    const auto row = Jobs{store_.reader()}.find(job);
    if (row && row->requested_device_type) device_free_(*row->requested_device_type);
    co_return true;
}

void Supervisor::stop_attempt(const LeaseRow& lease) {
    const auto run = runs_.find(lease.job);
    if (run == runs_.end() || run->second->lease().id != lease.id) return;
    spdlog::info("attempt stopped job={} device={} reason=\"{}\"", lease.job.value, lease.device, lease.stop_reason);
    run->second->stop(lease);
}

std::shared_ptr<SessionLink> Supervisor::session(JobId job) {
    const auto run = runs_.find(job);
    return run == runs_.end() ? nullptr : run->second->session();
}

void Supervisor::session_end_changed(JobId job) {
    if (const auto run = runs_.find(job); run != runs_.end()) run->second->session_end_changed();
    events_.publish(job);
}

/// Of a multinode group only the part that had the device, unless the others cannot do without it.
Task<> Supervisor::leave_retired_devices() {
    std::vector<std::pair<JobId, std::string>> retired;
    for (const auto& lease : Leases{store_.reader()}.open_leases()) {
        const auto device = Devices{store_.reader()}.find(lease.device);
        if (device && device->health == DeviceHealth::retired) retired.emplace_back(lease.job, device->hostname);
    }
    for (const auto& [job, device] : retired) {
        auto reason = "Device " + device + " was retired";
        if (is_essential(store_.reader(), job)) {
            co_await cancel(job, std::move(reason));
        } else {
            std::vector<JobId> only{job};
            co_await cancel_all(std::move(only), std::move(reason), std::nullopt);
        }
    }
}

Task<> Supervisor::stop() {
    group_.cancel();
    co_await commands_.stop();
    co_await group_.join();
    runs_.clear();
}

}  // namespace patchbay
