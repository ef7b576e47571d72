// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/clock.hpp"
#include "core/task.hpp"

namespace patchbay {

/// Wakes the coroutines that wait for something to have changed; they look by themselves whether it is what they want.
class Wakeup {
public:
    explicit Wakeup(asio::any_io_executor executor) : timer_{executor, Clock::time_point::max()} {}

    void wake_all() { timer_.cancel(); }

    /// Done when: wake_all() is called. Cancellation: the next co_await throws.
    Task<> wait() {
        boost::system::error_code woken;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }

private:
    Timer timer_;  ///< never expires
};

}  // namespace patchbay
