// SPDX-License-Identifier: Apache-2.0
#include "core/deadline.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/bind_cancellation_slot.hpp>

namespace patchbay {
namespace detail {

void throw_timed_out(const std::string& what, std::exception_ptr failure) {
    if (is_cancellation(failure)) throw TimedOut{what};
    try {
        std::rethrow_exception(failure);
    } catch (...) {
        std::throw_with_nested(TimedOut{what});
    }
}

Task<std::exception_ptr> run_shielded(Task<> work) {
    try {
        // A coroutine of its own, without a slot through which it could be cancelled. The cancellation state of the
        // caller cannot serve: a shield inside of this one would open it again.
        auto executor = co_await asio::this_coro::executor;
        co_await asio::co_spawn(executor, std::move(work),
                                asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
    } catch (...) {
        co_return std::current_exception();
    }
    co_return nullptr;
}

void log_failed_cleanup(std::exception_ptr cleanup_failure, std::exception_ptr failure) {
    spdlog::error("cleaning up failed error=\"{}\" after=\"{}\"", describe(cleanup_failure), describe(failure));
}

}  // namespace detail

Task<> sleep_until(Clock::time_point at) {
    Timer timer{co_await asio::this_coro::executor, at};
    co_await timer.async_wait(asio::use_awaitable);
}

Task<> sleep_for(Clock::duration d) { return sleep_until(Deadline::in(d).at()); }

}  // namespace patchbay
