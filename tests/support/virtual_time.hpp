// SPDX-License-Identifier: Apache-2.0
#pragma once
// A whole job in milliseconds: time stands still while anything can run, and moves only when all is idle.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "core/clock.hpp"
#include "core/task.hpp"

namespace patchbay::testing {

/// Freezes Clock for its lifetime. Everything that waits on `io` must use patchbay::Timer.
/// Work on other threads is not seen: give `busy`, which tells whether such work is under way; time then stands still
/// and the calling thread blocks in io.run_one() until it reports back.
class VirtualTime {
public:
    explicit VirtualTime(asio::io_context& io) : io_{io} {
        Clock::frozen = true;
        Clock::moved = Clock::duration{1};
    }
    ~VirtualTime() { Clock::frozen = false; }
    VirtualTime(const VirtualTime&) = delete;
    VirtualTime& operator=(const VirtualTime&) = delete;

    std::function<bool()> busy;

    /// Runs what can run without time passing.
    void settle() {
        io_.restart();
        for (;;) {
            if (io_.poll() > 0) continue;
            if (!busy || !busy()) return;
            io_.run_one();
        }
    }

    /// Time goes on by `d`, in steps, so that a timer set on the way still fires in order.
    void advance(Clock::duration d, Clock::duration step = std::chrono::milliseconds{10}) {
        settle();
        for (const auto end = Clock::moved.load() + d; Clock::moved.load() < end;) {
            Clock::moved = std::min(end, Clock::moved.load() + step);
            settle();
        }
    }

    /// Lets time pass until `done()`, at most `limit`. Returns whether it came true.
    bool run_until(const std::function<bool()>& done, Clock::duration limit,
                   Clock::duration step = std::chrono::milliseconds{10}) {
        settle();
        for (const auto end = Clock::moved.load() + limit; !done() && Clock::moved.load() < end;) {
            Clock::moved += step;
            settle();
        }
        return done();
    }

    /// Runs `task` to its end. Throws: what it threw, or logic_error when it needs more than `limit`.
    template <class T>
    T run(Task<T> task, Clock::duration limit = std::chrono::hours{1}) {
        std::exception_ptr failure;
        bool done = false;
        std::conditional_t<std::is_void_v<T>, bool, std::optional<std::conditional_t<std::is_void_v<T>, int, T>>>
            value{};
        if constexpr (std::is_void_v<T>) {
            asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error) {
                failure = error;
                done = true;
            });
        } else {
            asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T result) {
                failure = error;
                if (!error) value = std::move(result);
                done = true;
            });
        }
        if (!run_until([&done] { return done; }, limit)) throw std::logic_error{"the coroutine has not ended in time"};
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }

private:
    asio::io_context& io_;
};

}  // namespace patchbay::testing
