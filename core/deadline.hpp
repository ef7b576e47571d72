// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deadlines are moments, handed down, and only shrink. No step owns a timer.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/task.hpp"

namespace patchbay {

class Deadline {
public:
    static Deadline in(Clock::duration d) { return Deadline{Clock::now() + d}; }
    static Deadline never() { return Deadline{Clock::time_point::max()}; }
    explicit Deadline(Clock::time_point at) : at_{at} {}

    /// The earlier of this one and `d` from now.
    Deadline at_most(Clock::duration d) const { return Deadline{std::min(at_, Clock::now() + d)}; }
    Clock::time_point at() const { return at_; }
    /// Never negative.
    Clock::duration left() const { return std::max(Clock::duration{0}, at_ - Clock::now()); }
    bool passed() const { return Clock::now() >= at_; }

private:
    Clock::time_point at_;
};

/// Awaits `work`; when `deadline` comes first, cancels it, waits until it has unwound and throws TimedOut{what}.
/// Cancellation: passed on to `work`.
template <class T>
Task<T> with_deadline(Deadline deadline, std::string what, Task<T> work) {
    auto executor = co_await asio::this_coro::executor;
    Timer timer{executor, deadline.at()};
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                        timer.async_wait(asio::deferred));
    auto done = co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    auto& first = std::get<0>(done)[0];  // 0: work, 1: timer
    auto& failure = std::get<1>(done);
    auto& timer_error = std::get<std::tuple_size_v<decltype(done)> - 1>(done);
    if (failure && first == 1 && !timer_error) throw TimedOut{what};  // not when cancelled from outside
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) co_return std::move(std::get<2>(done));
}

/// Runs `work`, then `cleanup` with cancellation blocked, also when `work` threw or was cancelled.
/// Throws: what `work` threw, which is the cause; else what `cleanup` threw.
/// A deadline inside `cleanup` must be computed when it runs: put it into a coroutine of its own.
template <class T>
Task<T> and_finally(Task<T> work, Task<> cleanup) {
    std::exception_ptr failure;
    [[maybe_unused]] std::conditional_t<std::is_void_v<T>, int, std::optional<std::conditional_t<std::is_void_v<T>, int, T>>> value{};
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
        } else {
            value = co_await std::move(work);
        }
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    std::exception_ptr cleanup_failure;
    try {
        co_await std::move(cleanup);
    } catch (...) {
        cleanup_failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state();
    if (failure) std::rethrow_exception(failure);
    if (cleanup_failure) std::rethrow_exception(cleanup_failure);
    if constexpr (!std::is_void_v<T>) co_return std::move(*value);
}

/// Waits. Cancellation: throws at once.
Task<> sleep_for(Clock::duration d);
Task<> sleep_until(Clock::time_point at);

}  // namespace patchbay
