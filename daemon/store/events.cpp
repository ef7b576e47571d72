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

Events::Watch::~Watch() = default;

Events::Watch Events::watch(JobId job) {
    auto watched = std::make_shared<Watched>();
    // Those of closed watches leave here, so that a job that is looked at for long does not collect them.
    const auto [first, last] = watches_.equal_range(job);
    for (auto entry = first; entry != last;) entry = entry->second.expired() ? watches_.erase(entry) : std::next(entry);
    watches_.emplace(job, watched);
    return Watch{std::move(watched)};
}

void Events::publish(JobId job) {
    const auto [first, last] = watches_.equal_range(job);
    for (auto entry = first; entry != last;) {
        if (const auto watched = entry->second.lock()) {
            watched->changed = true;
            if (watched->waiting) watched->waiting->cancel();
            ++entry;
        } else {
            entry = watches_.erase(entry);
        }
    }
}

Task<> Events::Watch::next() {
    auto watched = watched_;
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
