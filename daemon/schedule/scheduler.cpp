// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <tuple>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "daemon/schedule/admission.hpp"
#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/earliest.hpp"
#include "daemon/schedule/health_check.hpp"
#include "daemon/schedule/leave_queue.hpp"
#include "daemon/schedule/other_type.hpp"
#include "daemon/schedule/preemption.hpp"
#include "daemon/schedule/queue_limits.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/portable_choices.hpp"
#include "daemon/store/users.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

// One write takes at most so many jobs, so that submissions are not held up behind it.
constexpr std::size_t most_claims = 32;
// Stands among the device types for all of them.
constexpr auto all_types = "";
// After the store failed (disk full), how long until the next attempt.
constexpr auto retry_after = 2s;
// A check that is due and cannot start (its worker is in maintenance) is looked at again after LAVA's time between two
// rounds; and what changes about checks is seen after so long at the latest. They are hours apart.
constexpr WallTime::duration check_again = 20s;
constexpr WallTime::duration look_at_checks = 10min;
// A queue time-out may be centuries away, more than a clock can count, and the wall clock may be set meanwhile.
constexpr WallTime::duration longest_wait = std::chrono::hours{24};

/// Waits until `timer` expires or is cancelled by a wake; false when this coroutine itself was cancelled.
Task<bool> wait_for_change(Timer& timer) {
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() == asio::cancellation_type::none;
}

/// For devices of this type jobs of other queues that may run there, and for jobs of this queue devices of other types.
std::vector<LeaseRow> claim_across_types(Database& db, const std::string& device_type, WallTime now,
                                         const SharingRules& rules) {
    auto leases = claim_from_other_type(db, device_type, now, rules);
    if (!leases.empty()) return leases;
    for (const auto& other : PortableChoices{db}.types_beside(device_type)) {
        if (auto check = claim_health_check(db, other, now)) return {std::move(*check)};
        leases = claim_next(db, other, now, rules);
        if (leases.empty()) leases = claim_from_other_type(db, other, now, rules);
        if (!leases.empty()) return leases;
    }
    return {};
}

}  // namespace

Scheduler::Scheduler(asio::any_io_executor io, Store& store, std::function<void(LeaseRow)> start)
    : io_{io}, store_{store}, start_{std::move(start)}, changed_{io}, expiry_changed_{io} {}

Task<JobId> Scheduler::submit(NewJob job, QueueLimits limits, std::function<void(Database&, JobId)> also) {
    std::vector<NewJob> one;
    one.push_back(std::move(job));
    std::function<void(Database&, const std::vector<JobId>&)> also_one;
    if (also) also_one = [also = std::move(also)](Database& db, const auto& ids) { also(db, ids.front()); };
    const auto ids = co_await submit_all(std::move(one), limits, std::move(also_one));
    co_return ids.front();
}

Task<std::vector<JobId>> Scheduler::submit_all(std::vector<NewJob> jobs, QueueLimits limits,
                                               std::function<void(Database&, const std::vector<JobId>&)> also) {
    std::set<std::string> types;
    for (const auto& job : jobs)
        if (job.requested_device_type) types.insert(*job.requested_device_type);
    auto insert = [jobs = std::move(jobs), rules = sharing_, limits, also = std::move(also)](Database& db) {
        check_queue(db, jobs.front().submitter, limits, static_cast<std::int64_t>(jobs.size()));
        const auto now = wall_now();
        const auto submitter = Users{db}.find(jobs.front().submitter);
        std::vector<JobId> ids;
        bool expires = false;
        for (auto admitted : jobs) {
            admit(db, admitted, *rules, now, static_cast<std::int64_t>(ids.size()));
            const auto id = Jobs{db}.insert(admitted, now);
            const auto name = submitter ? submitter->name : "";
            Audit{db}.record({name, "job.submit", std::to_string(id.value), admitted.description}, now);
            expires = expires || admitted.queue_timeout.has_value();
            ids.push_back(id);
        }
        if (also) also(db, ids);
        return std::pair{std::move(ids), expires};
    };
    auto inserted = co_await store_.write(std::move(insert));
    for (const auto& type : types) wake(type);
    if (inserted.second) wake_expiry();
    co_return std::move(inserted.first);
}

Task<std::vector<PartRow>> Scheduler::submit_group(NewGroup group, QueueLimits limits) {
    std::set<std::string> types;
    for (const auto& part : group.parts)
        if (part.job.requested_device_type) types.insert(*part.job.requested_device_type);
    auto insert = [group = std::move(group), rules = sharing_, limits](Database& db) {
        const auto now = wall_now();
        auto admitted = group;
        check_queue(db, group.parts.front().job.submitter, limits, static_cast<std::int64_t>(group.parts.size()));
        std::int64_t before = 0;
        for (auto& part : admitted.parts) admit(db, part.job, *rules, now, before++);
        auto rows = MultinodeGroups{db}.insert(admitted, now);
        const auto& first = admitted.parts.front().job;
        const auto submitter = Users{db}.find(first.submitter);
        for (const auto& row : rows) {
            const auto name = submitter ? submitter->name : "";
            Audit{db}.record({name, "job.submit", std::to_string(row.job.value), first.description}, now);
        }
        return rows;
    };
    auto parts = co_await store_.write(std::move(insert));
    for (const auto& type : types) wake(type);
    wake_expiry();  // the lab's rules may have given it a time-out
    co_return parts;
}

Task<bool> Scheduler::set_health(std::string hostname, DeviceHealth health, std::string reason,
                                 std::optional<Deed> deed) {
    auto change = [hostname, health, reason, deed = std::move(deed)](Database& db) {
        const auto now = wall_now();
        if (!Devices{db}.set_health(hostname, health, reason, now)) return false;
        if (deed) Audit{db}.record(*deed, now);
        return true;
    };
    const bool known = co_await store_.write(std::move(change));
    if (!known) co_return false;
    if (const auto device = Devices{store_.reader()}.find(hostname)) wake(device->device_type);
    co_return true;
}

void Scheduler::wake(const std::string& device_type) {
    dirty_.insert(device_type);
    changed_.cancel();
}

/// Does a device of one type count for jobs of another?
bool Scheduler::spans_types() const {
    if (sharing_->spans_types()) return true;
    try {
        return Workers{store_.reader()}.any_limited();
    } catch (const StoreError&) {
        return true;  // a look too many costs less than a job that waits for ever
    }
}

void Scheduler::device_free(const std::string& device_type) {
    wake(spans_types() ? all_types : device_type);
    wake_expiry();
}

void Scheduler::set_sharing(SharingRules rules) {
    sharing_ = std::make_shared<SharingRules>(std::move(rules));
    wake_all();
}

void Scheduler::wake_all() { wake(all_types); }

void Scheduler::wake_expiry() {
    expiry_dirty_ = true;
    expiry_changed_.cancel();
}

Task<> Scheduler::run() {
    wake_all();
    for (;;) {
        std::set<std::string> failed;  // they wait for their next turn, and no other type waits with them
        take_due_types();
        while (!dirty_.empty()) {
            const auto device_type = *dirty_.begin();
            dirty_.erase(dirty_.begin());
            std::exception_ptr failure;
            try {
                co_await schedule_type(device_type);
            } catch (...) {
                failure = std::current_exception();
            }
            if (!failure) continue;
            if (is_cancellation(failure)) std::rethrow_exception(failure);
            spdlog::error("scheduling failed type={} error=\"{}\"", device_type, describe(failure));
            failed.insert(device_type);
        }
        changed_.expires_at(next_look(!failed.empty()));
        if (!co_await wait_for_change(changed_)) co_return;
        dirty_.merge(failed);
    }
}

/// The clock may have opened a window.
void Scheduler::take_due_types() {
    const auto now = wall_now();
    for (const auto& [device_type, time] : chances_)
        if (time <= now) dirty_.insert(device_type);
}

Clock::time_point Scheduler::next_look(bool some_failed) const {
    if (some_failed) return Clock::now() + retry_after;
    std::optional<WallTime> next;
    for (const auto& [device_type, time] : chances_) keep_earliest(next, time);
    if (!next) return Clock::time_point::max();
    return Clock::now() + std::clamp<WallTime::duration>(*next - wall_now(), 0s, longest_wait);
}

Task<> Scheduler::schedule_type(std::string device_type) {
    if (device_type == all_types) {
        // Also those for which nobody waits: their devices may be in doubt.
        Query all;
        all.limit = -1;
        for (const auto& type : DeviceTypes{store_.reader()}.list(all)) dirty_.insert(type.name);
        co_return;
    }
    for (;;) {
        auto claim = [device_type, rules = sharing_](Database& db) {
            std::vector<LeaseRow> taken;
            const auto now = wall_now();
            while (taken.size() < most_claims) {
                std::vector<LeaseRow> next;
                if (auto check = claim_health_check(db, device_type, now)) next.push_back(std::move(*check));
                if (next.empty()) next = claim_next(db, device_type, now, *rules);
                if (next.empty()) next = claim_across_types(db, device_type, now, *rules);
                if (next.empty()) {
                    if (auto check = claim_smoke_check(db, device_type, now)) next.push_back(std::move(*check));
                }
                if (next.empty()) break;
                std::ranges::move(next, std::back_inserter(taken));
            }
            std::vector<LeaseRow> to_stop;
            if (taken.size() < most_claims) to_stop = stop_for_others(db, device_type, now, *rules);
            return std::tuple{std::move(taken), std::move(to_stop), next_chance(db, device_type, now, *rules)};
        };
        auto claims = co_await store_.write(std::move(claim));
        auto& [leases, stopped, chance] = claims;
        if (chance)
            chances_[device_type] = *chance;
        else
            chances_.erase(device_type);
        for (const auto& lease : leases) {
            spdlog::info("job scheduled job={} device={} lease={} fence={}", lease.job.value, lease.device,
                         lease.id.value, lease.fence.value);
            start_(lease);
        }
        for (const auto& lease : stopped)
            if (stop_) stop_(lease);
        if (leases.size() < most_claims) co_return;
    }
}

Task<> Scheduler::run_queue_timeouts() {
    for (;;) {
        expiry_dirty_ = false;
        std::vector<JobId> expired;
        std::exception_ptr failure;
        std::optional<WallTime> next;
        try {
            Jobs jobs{store_.reader()};
            next = jobs.next_queue_expiry();
            if (next && *next <= wall_now()) expired = jobs.queue_expired(wall_now());
        } catch (const StoreError&) {
            failure = std::current_exception();
        }
        bool any_left = false;
        for (const auto job : expired) {
            // Each by itself, or with its group: there may be thousands, and one that cannot leave keeps no other.
            auto expire = [job](Database& db) {
                return leave_queue_with_group(db, job, "The queue timeout of the job has passed", wall_now());
            };
            std::vector<JobId> left;
            try {
                left = co_await store_.write(std::move(expire));
            } catch (const StoreError&) {
                failure = std::current_exception();
            }
            for (const auto one : left) {
                any_left = true;
                spdlog::info("job left the queue by its time-out job={}", one.value);
            }
        }
        if (any_left) wake_all();  // devices may have been kept for them
        if (failure) {
            spdlog::error("queue time-outs failed error=\"{}\"", describe(failure));
            co_await sleep_for(retry_after);
            continue;
        }
        if (expiry_dirty_ || !expired.empty()) continue;
        expiry_changed_.expires_at(next ? Clock::now() + std::min(*next - wall_now(), longest_wait)
                                        : Clock::time_point::max());
        if (!co_await wait_for_change(expiry_changed_)) co_return;
    }
}

Task<> Scheduler::run_health_checks() {
    for (;;) {
        const auto now = wall_now();
        auto pause = look_at_checks;
        try {
            const auto next = next_check(store_.reader());
            if (next && next->when <= now) {
                wake(next->device_type);
                pause = check_again;
            } else if (next) {
                pause = std::min(next->when - now, look_at_checks);
            }
        } catch (const StoreError&) {
            spdlog::error("health checks failed error=\"{}\"", describe(std::current_exception()));
            pause = retry_after;
        }
        co_await sleep_for(pause);
    }
}

}  // namespace patchbay
