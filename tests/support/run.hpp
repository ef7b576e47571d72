// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs one coroutine to its end on an io_context of its own, with real time.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "core/task.hpp"

namespace patchbay::testing {

template <class T>
T run(asio::io_context& io, Task<T> task) {
    std::exception_ptr failure;
    bool done = false;
    std::conditional_t<std::is_void_v<T>, bool, std::optional<std::conditional_t<std::is_void_v<T>, int, T>>> value{};
    if constexpr (std::is_void_v<T>) {
        asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) {
            failure = error;
            done = true;
        });
    } else {
        asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T result) {
            failure = error;
            if (!error) value = std::move(result);
            done = true;
        });
    }
    io.restart();
    while (!done && io.run_one() > 0) {
    }
    if (!done) throw std::logic_error{"the coroutine waits for something that never comes"};
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*value);
}

}  // namespace patchbay::testing
