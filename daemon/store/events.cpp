// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/events.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace patchbay {

struct Events::Watched {
    bool changed = false;
    std::optional<Timer> waiting;  // never expires; cancelled by publish()
};

Events::Watch::~Watch() {
    if (all_) all_->erase(own_);
}

Events::Watch Events::watch(JobId job) { return {watches_, watches_->emplace(job, std::make_shared<Watched>())}; }

void Events::publish(JobId job) {
    if (heard_) heard_();
    wake(job);
}

void Events::publish(const std::vector<Change>& changes) {
    if (heard_) heard_();
    for (const auto& change : changes)
        if (const auto* job = std::get_if<JobNews>(&change)) wake(job->job);
    if (told_) told_(changes);
}

void Events::wake(JobId job) {
    const auto [first, last] = watches_->equal_range(job);
    for (auto entry = first; entry != last; ++entry) {
        auto& watched = *entry->second;
        watched.changed = true;
        if (watched.waiting) watched.waiting->cancel();
    }
}

Task<> Events::Watch::next() {
    auto watched = own_->second;
    while (!watched->changed) {
        watched->waiting.emplace(co_await asio::this_coro::executor, Clock::time_point::max());
        boost::system::error_code error;
        co_await watched->waiting->async_wait(asio::redirect_error(asio::use_awaitable, error));
        watched->waiting.reset();
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error{asio::error::operation_aborted};
    }
    watched->changed = false;
}

}  // namespace patchbay
