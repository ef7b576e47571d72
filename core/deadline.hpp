// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deadlines are moments, handed down, and only shrink. No step owns a timer.

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
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
    /// A moment beyond what the clock can count is never().
    static Deadline in(Clock::duration d) {
        const auto now = Clock::now();
        return Deadline{d < Clock::time_point::max() - now ? now + d : Clock::time_point::max()};
    }
    static Deadline never() { return Deadline{Clock::time_point::max()}; }
    explicit Deadline(Clock::time_point at) : at_{at} {}

    /// The earlier of this one and `d` from now.
    Deadline at_most(Clock::duration d) const { return Deadline{std::min(at_, in(d).at_)}; }
    Clock::time_point at() const { return at_; }
    /// Never negative.
    Clock::duration left() const { return std::max(Clock::duration{0}, at_ - Clock::now()); }
    bool passed() const { return Clock::now() >= at_; }

private:
    Clock::time_point at_;
};

namespace detail {

/// Throws TimedOut{what}; what the work threw while it unwound is nested in it, unless that was only the cancellation.
[[noreturn]] void throw_timed_out(const std::string& what, std::exception_ptr failure);
/// Runs `work` out of reach of any cancellation; returns what it threw.
Task<std::exception_ptr> run_shielded(Task<> work);
/// The second failure has nobody to catch it.
void log_failed_cleanup(std::exception_ptr cleanup_failure, std::exception_ptr failure);

/// Holds what a coroutine returned until it is handed on.
template <class T>
struct Slot {
    std::optional<T> value;
};
template <>
struct Slot<void> {};

}  // namespace detail

/// Awaits `work`; when `deadline` comes first, cancels it, waits until it has unwound and throws TimedOut{what}. Work
/// that ends well at that very moment, or although it was cancelled, has ended well.
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
    if (failure && first == 1 && !timer_error)
        detail::throw_timed_out(what, failure);  // not when cancelled from outside
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) co_return std::move(std::get<2>(done));
}

/// Runs `work`, then `cleanup`, also when `work` threw or was cancelled. No cancellation reaches `cleanup`; one that
/// came meanwhile is met at the caller's next co_await. Throws: what `work` threw, which is the cause (what `cleanup`
/// threw after it is logged); else what `cleanup` threw. A deadline inside `cleanup` must be computed when it runs: put
/// it into a coroutine of its own.
template <class T>
Task<T> and_finally(Task<T> work, Task<> cleanup) {
    std::exception_ptr failure;
    detail::Slot<T> result;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
        } else {
            result.value = co_await std::move(work);
        }
    } catch (...) {
        failure = std::current_exception();
    }
    // A cancelled coroutine throws at every co_await unless told not to.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto cleanup_failure = co_await detail::run_shielded(std::move(cleanup));
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (failure && cleanup_failure) detail::log_failed_cleanup(cleanup_failure, failure);
    if (failure) std::rethrow_exception(failure);
    if (cleanup_failure) std::rethrow_exception(cleanup_failure);
    if constexpr (!std::is_void_v<T>) co_return std::move(*result.value);
}

/// Waits. Cancellation: throws at once.
Task<> sleep_for(Clock::duration d);
Task<> sleep_until(Clock::time_point at);

}  // namespace patchbay
