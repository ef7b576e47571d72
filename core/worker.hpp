// SPDX-License-Identifier: Apache-2.0
#pragma once
// Blocking work (SQL writes, downloads, hashing) leaves the one thread of the program and comes back to it.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "core/task.hpp"

namespace patchbay {

/// Runs `work()` on `pool` and resumes on the caller's executor with its value or exception.
/// Cancellation: not while the work runs; what it needs is moved into `work`, so nothing dangles.
/// Name `work` before the co_await (docs/maintainers/coroutines.md).
template <class Work>
Task<std::invoke_result_t<Work&>> on_worker(asio::thread_pool& pool, Work work) {
    using Result = std::invoke_result_t<Work&>;
    auto run = [](Work inner) -> Task<Result> { co_return inner(); };
    // No slot: asio would emit a cancellation on the pool's thread, at an object that may be gone by then.
    co_return co_await asio::co_spawn(pool, run(std::move(work)),
                                      asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
}

}  // namespace patchbay
