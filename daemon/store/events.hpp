// SPDX-License-Identifier: Apache-2.0
#pragma once
// "Job 42 has new log lines or another state": a hub inside the process. It carries no data; who is told reads the
// store. Belongs to the io thread.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"

namespace patchbay {

class Events {
    struct Watched;
    using Watches = std::multimap<JobId, std::shared_ptr<Watched>>;

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
        Watch(std::shared_ptr<Watches> all, Watches::iterator own) : all_{std::move(all)}, own_{own} {}
        std::shared_ptr<Watches> all_;  ///< null once moved from; may outlive the Events
        Watches::iterator own_;
    };

    Watch watch(JobId job);
    /// The write that made the change must have completed.
    void publish(JobId job);
    /// `heard` is called at each publish(). One listener, set once; it must outlive the last publish().
    void on_publish(std::function<void()> heard) { heard_ = std::move(heard); }

    /// Watches there are.
    std::size_t size() const { return watches_->size(); }

private:
    std::function<void()> heard_;
    std::shared_ptr<Watches> watches_ = std::make_shared<Watches>();
};

}  // namespace patchbay
