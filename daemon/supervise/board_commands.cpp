// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/board_commands.hpp"

#include <algorithm>
#include <utility>

#include "core/errors.hpp"
#include "core/wake.hpp"

namespace patchbay {

std::optional<std::int64_t> BoardCommands::start(JobId job, std::string what, Task<BoardAnswer> work) {
    const auto busy =
        std::ranges::count_if(all_, [job](const auto& one) { return one.second->job == job && !one.second->done; });
    if (static_cast<std::size_t>(busy) >= most_under_way) return std::nullopt;
    forget_oldest();
    // By the time, so that a client which asks a daemon that was started anew does not hear of another's.
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(wall_now().time_since_epoch());
    last_ = std::max<std::int64_t>(last_ + 1, now.count());
    auto entry = std::make_shared<Waited>(executor_);
    entry->job = job;
    entry->what = std::move(what);
    all_.emplace(last_, entry);
    group_.spawn("command of lease " + std::to_string(job.value), run(std::move(entry), std::move(work)));
    return last_;
}

Task<> BoardCommands::run(std::shared_ptr<Waited> entry, Task<BoardAnswer> work) {
    std::exception_ptr failure;
    try {
        auto answer = co_await std::move(work);
        entry->answer = std::move(answer);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    entry->failure = failure;
    entry->done = true;
    entry->is_done.cancel();
}

std::shared_ptr<const BoardCommands::Entry> BoardCommands::find(JobId job, std::int64_t number) const {
    const auto found = all_.find(number);
    if (found == all_.end() || found->second->job != job) return nullptr;
    return found->second;
}

Task<> BoardCommands::wait(std::int64_t number, Clock::duration patience) {
    const auto found = all_.find(number);
    if (found == all_.end()) co_return;
    const auto entry = found->second;
    const auto latest = Clock::now() + patience;
    while (!entry->done && Clock::now() < latest) co_await sleep_until_woken(entry->is_done, latest);
}

bool BoardCommands::under_way(JobId job, const std::string& what) const {
    return std::ranges::any_of(all_, [&](const auto& one) {
        return one.second->job == job && !one.second->done && one.second->what.starts_with(what);
    });
}

void BoardCommands::forget_oldest() {
    auto done = std::ranges::count_if(all_, [](const auto& one) { return one.second->done; });
    for (auto one = all_.begin(); one != all_.end() && done >= static_cast<std::ptrdiff_t>(most_kept);) {
        if (one->second->done) {
            one = all_.erase(one);
            --done;
        } else {
            ++one;
        }
    }
}

Task<> BoardCommands::stop() {
    group_.cancel();
    co_await group_.join();
}

}  // namespace patchbay
