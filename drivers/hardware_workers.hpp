// SPDX-License-Identifier: Apache-2.0
#pragma once
// Threads for calls that block: libusb, libcurl, libgpiod, opening and closing a port. Each call has a time-out, its
// own or the kernel's (5 s for a request to a serial adapter, 30 s to close one that takes no bytes), so that the few
// threads come back: nobody can cancel them.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

#include "core/task.hpp"
#include "core/worker.hpp"

namespace patchbay {

/// The threads that belong to the executor's context: started by the first use, ended before the context is gone. So
/// none of them hands back a result to what no longer exists.
asio::thread_pool& hardware_workers(const asio::any_io_executor& executor);

/// on_worker() of core/worker.hpp with these threads. Name `work` before the co_await.
template <class Work>
Task<std::invoke_result_t<Work&>> on_hardware_worker(Work work) {
    const auto executor = co_await asio::this_coro::executor;
    co_return co_await on_worker(hardware_workers(executor), std::move(work));
}

}  // namespace patchbay
