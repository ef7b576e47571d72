// SPDX-License-Identifier: Apache-2.0
#pragma once
// Blocking work (SQL writes, downloads, hashing) leaves the one thread of the program and comes back to it.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/task.hpp"

namespace patchbay {
namespace detail {

/// What work on another thread came to: its value, or what it threw.
template <class T>
struct WorkOutcome {
    std::exception_ptr failure;
    std::optional<T> value;
};
template <>
struct WorkOutcome<void> {
    std::exception_ptr failure;
};

}  // namespace detail

/// Runs `work()` on `pool` and resumes on the caller's executor with its value or exception.
/// Cancellation: not while the work runs; what it needs is moved into `work`, so nothing dangles.
/// Name `work` before the co_await (docs/maintainers/coroutines.md).
template <class Work>
Task<std::invoke_result_t<Work&>> on_worker(asio::thread_pool& pool, Work work) {
    using Result = std::invoke_result_t<Work&>;
    using WorkerOutcome = detail::WorkOutcome<Result>;
    // An exception travels as a value: one that asio carries is still held by the pool's thread when ours goes on.
    auto run = [](Work inner) -> Task<WorkerOutcome> {
        WorkerOutcome outcome;
        try {
            if constexpr (std::is_void_v<Result>) {
                inner();
            } else {
                outcome.value.emplace(inner());
            }
        } catch (...) {
            outcome.failure = std::current_exception();
        }
        co_return std::move(outcome);
    };
    // No slot: asio would emit a cancellation on the pool's thread, at an object that may be gone by then.
    auto outcome = co_await asio::co_spawn(
        pool, run(std::move(work)), asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
    if (outcome.failure) std::rethrow_exception(std::move(outcome.failure));
    if constexpr (!std::is_void_v<Result>) co_return std::move(*outcome.value);
}

}  // namespace patchbay
