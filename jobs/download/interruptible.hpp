// SPDX-License-Identifier: Apache-2.0
#pragma once
// Blocking work on a worker that can be told to stop: core/worker.hpp for work that takes minutes.

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "core/task.hpp"
#include "jobs/download/stop_flag.hpp"

namespace patchbay {

/// Runs `work(stop)` on `pool` and resumes on the caller's executor with its value or exception.
/// Cancellation: sets `stop`, and waits until the work has ended; a Stopped is then the cancellation's error.
template <class Work>
Task<std::invoke_result_t<Work&, const StopFlag&>> interruptible(asio::thread_pool& pool, Work work) {
    using Result = std::invoke_result_t<Work&, const StopFlag&>;
    struct State {
        explicit State(Work work_) : work{std::move(work_)} {}
        Work work;
        StopFlag stop{false};
        std::optional<Result> result;
    };
    auto state = std::make_shared<State>(std::move(work));
    auto initiate = [state, &pool](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([state](asio::cancellation_type) { state->stop = true; });
        }
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        auto run = [state, slot, guard = std::move(guard), handler = std::move(handler)]() mutable {
            std::exception_ptr failure;
            try {
                state->result = state->work(state->stop);
            } catch (const Stopped&) {
                failure = std::make_exception_ptr(boost::system::system_error{asio::error::operation_aborted});
            } catch (...) {
                failure = std::current_exception();
            }
            auto executor = guard.get_executor();
            // Moved on, so that this thread no longer holds an exception that the caller's reads, and no event loop
            // that the caller has ended.
            auto finish = [slot, guard = std::move(guard), failure = std::move(failure),
                           handler = std::move(handler)]() mutable {
                if (slot.is_connected()) slot.clear();
                std::move(handler)(std::move(failure));
            };
            asio::post(executor, std::move(finish));
        };
        asio::post(pool, std::move(run));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(initiate,
                                                                                           asio::use_awaitable);
    co_return std::move(*state->result);
}

}  // namespace patchbay
