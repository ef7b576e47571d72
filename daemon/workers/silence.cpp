// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/silence.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/worker_leases.hpp"
#include "daemon/store/workers.hpp"
#include "daemon/supervise/unclaimed.hpp"

namespace patchbay {
namespace {

struct Silent {
    std::vector<std::string> workers;
    std::vector<JobId> queued_again;
};

Silent note_silent(Database& db) {
    const auto now = wall_now();
    Silent silent;
    silent.workers = Workers{db}.silent_since(now - worker_patience);
    for (const auto& worker : silent.workers) {
        for (const auto job : take_back_unclaimed(db, worker, now)) silent.queued_again.push_back(job);
    }
    return silent;
}

Task<> look(Store& store, Scheduler& scheduler) {
    const auto silent = co_await store.write(note_silent);
    for (const auto& worker : silent.workers) spdlog::warn("worker is offline worker={}", worker);
    for (const auto job : silent.queued_again)
        spdlog::info("job queued again, as its worker does not ask for it job={}", job.value);
    if (!silent.workers.empty()) scheduler.wake_all();
}

}  // namespace

Task<> watch_workers(Store& store, Scheduler& scheduler) {
    for (;;) {
        // One that attaches meanwhile is not silent sooner.
        WallTime::duration pause = worker_patience;
        std::exception_ptr failure;
        try {
            const auto heard = Workers{store.reader()}.longest_silent();
            if (heard && *heard + worker_patience <= wall_now()) {
                co_await look(store, scheduler);
                continue;
            }
            if (heard)
                pause = std::clamp<WallTime::duration>(*heard + worker_patience - wall_now(), 0s, worker_patience);
        } catch (const StoreError&) {
            failure = std::current_exception();
        }
        if (failure) {
            spdlog::error("workers cannot be looked after error=\"{}\"", describe(failure));
            pause = 2s;
        }
        co_await sleep_for(pause);
    }
}

}  // namespace patchbay
