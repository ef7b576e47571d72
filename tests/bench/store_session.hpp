// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs one coroutine on a store of its own, to its end.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <filesystem>

#include "daemon/store/store.hpp"

namespace patchbay::bench {

/// `work(Store&)` is a coroutine function. Throws what it threw.
template <class Work>
void with_store(const std::filesystem::path& file, Work work) {
    asio::io_context io{1};
    asio::thread_pool workers{1};
    Store store{io.get_executor(), workers, file};
    std::exception_ptr failure;
    asio::co_spawn(io, work(store), [&](std::exception_ptr error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace patchbay::bench
