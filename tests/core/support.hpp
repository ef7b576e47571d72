// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small steps that tests of coroutines are made of. Each writes what it did into a diary.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay::testing {

using Diary = std::vector<std::string>;

/// Takes `d`, then writes `name`; when it is cancelled, writes "name cancelled" and goes on throwing.
inline Task<> step(Diary& diary, std::string name, Clock::duration d) {
    std::exception_ptr failure;
    try {
        co_await sleep_for(d);
    } catch (...) {
        failure = std::current_exception();
    }
    diary.push_back(failure ? name + " cancelled" : name);
    if (failure) std::rethrow_exception(failure);
}

/// Takes `d`, then returns `value`.
template <class T>
Task<T> later(Clock::duration d, T value) {
    co_await sleep_for(d);
    co_return value;
}

/// Takes `d`, then throws.
template <class E>
Task<> failing(Clock::duration d, E error) {
    co_await sleep_for(d);
    throw error;
}

/// A coroutine that somebody else can cancel, and how it ended.
class Running {
public:
    Running(asio::io_context& io, Task<> task) {
        auto ended = [this](std::exception_ptr failure) { outcome_ = failure ? describe_end(failure) : "done"; };
        asio::co_spawn(io, std::move(task), asio::bind_cancellation_slot(stop_.slot(), std::move(ended)));
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void cancel() { stop_.emit(asio::cancellation_type::terminal); }
    /// "running", "done", "cancelled" or what describe() says.
    const std::string& outcome() const { return outcome_; }

private:
    static std::string describe_end(std::exception_ptr failure) {
        return is_cancellation(failure) ? "cancelled" : describe(failure);
    }
    asio::cancellation_signal stop_;
    std::string outcome_ = "running";
};

/// A world of its own for each test.
struct Lab {
    asio::io_context io;
    VirtualTime time{io};
    Diary diary;
};

}  // namespace patchbay::testing
