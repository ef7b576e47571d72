// SPDX-License-Identifier: Apache-2.0
#pragma once
// "Job 42 has new log lines or another state": a hub inside the process. It carries no data; who is told reads the
// store. Belongs to the io thread.

#include <functional>
#include <memory>
#include <unordered_map>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"

namespace patchbay {

class Events {
    struct Watched;

public:
    Events() = default;
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// Make it before reading the store; then no change is missed between reading and waiting.
    class Watch {
    public:
        /// Done when: the job changed since the last next(), or since the Watch was made.
        /// Cancellation: safe, throws. One waiter at a time.
        Task<> next();
        Watch(Watch&&) noexcept = default;
        ~Watch();

    private:
        friend class Events;
        explicit Watch(std::shared_ptr<Watched> watched) : watched_{std::move(watched)} {}
        std::shared_ptr<Watched> watched_;
    };

    Watch watch(JobId job);
    /// The write that made the change must have completed.
    void publish(JobId job);

private:
    std::unordered_multimap<JobId, std::weak_ptr<Watched>> watches_;
};

}  // namespace patchbay
