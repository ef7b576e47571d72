// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every coroutine that is started in the background has an owner that can cancel it and wait for it.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "core/task.hpp"

namespace patchbay {

/// Owns background coroutines. Must be empty (joined) before it is destroyed, unless its io_context is gone.
class TaskGroup {
public:
    explicit TaskGroup(asio::any_io_executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task`. An exception other than cancellation goes to `on_failure`, given at construction or set below;
    /// without one it is logged as an error under `name`.
    void spawn(std::string name, Task<> task);
    void on_failure(std::function<void(const std::string& name, std::exception_ptr)> handler);

    /// Tells every member to stop. Safe to call more than once.
    void cancel();
    /// Done when: the last member has ended. Members started meanwhile are waited for, too.
    Task<> join();
    std::size_t size() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace patchbay
