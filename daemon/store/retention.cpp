// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/retention.hpp"

#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/old_jobs.hpp"

namespace patchbay {
namespace {

constexpr auto look_again = 1h;
// A piece takes some milliseconds: so the writer is free nearly all the time.
constexpr auto pause = 50ms;

Task<std::size_t> remove_logs(Store& store, WallTime limit) {
    auto find = [limit](Database& db) { return OldJobs{db}.with_log_before(limit); };
    const auto old = co_await store.read_on_worker(std::move(find));
    for (const auto job : old) {
        auto piece = [job](Database& db) { return OldJobs{db}.remove_log_piece(job, wall_now()); };
        while (co_await store.write(piece)) co_await sleep_for(pause);
        co_await sleep_for(pause);
    }
    co_return old.size();
}

Task<std::size_t> remove_jobs(Store& store, WallTime limit) {
    auto find = [limit](Database& db) { return OldJobs{db}.ended_before(limit); };
    const auto old = co_await store.read_on_worker(std::move(find));
    for (const auto job : old) {
        auto piece = [job](Database& db) { return OldJobs{db}.remove_piece(job); };
        while (co_await store.write(piece)) co_await sleep_for(pause);
        co_await sleep_for(pause);
    }
    co_return old.size();
}

Task<> remove_deeds(Store& store, WallTime limit) {
    auto piece = [limit](Database& db) { return Audit{db}.remove_piece(limit); };
    while (co_await store.write(piece)) co_await sleep_for(pause);
}

Task<> sweep(Store& store, Retention retention) {
    std::size_t jobs = 0, logs = 0;
    if (retention.jobs > 0s) jobs = co_await remove_jobs(store, wall_now() - retention.jobs);
    if (retention.audit > 0s) co_await remove_deeds(store, wall_now() - retention.audit);
    if (retention.logs > 0s) logs = co_await remove_logs(store, wall_now() - retention.logs);
    if (jobs + logs == 0) co_return;
    spdlog::info("old jobs and logs removed jobs={} logs={}", jobs, logs);
    report_size(store);
}

}  // namespace

Task<> keep_for(Store& store, Retention retention) {
    if (retention.jobs == 0s && retention.logs == 0s && retention.audit == 0s) co_return;
    for (;;) {
        std::exception_ptr failure;
        try {
            co_await sweep(store, retention);
        } catch (const StoreError&) {
            failure = std::current_exception();
        }
        if (failure) spdlog::error("removing old jobs failed error=\"{}\"", describe(failure));
        co_await sleep_for(look_again);
    }
}

void report_size(Store& store) {
    const auto size = store.reader().size();
    spdlog::info("store file={} bytes={} unused={}", store.file().string(), size.bytes, size.unused);
}

}  // namespace patchbay
