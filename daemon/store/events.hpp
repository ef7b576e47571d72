// SPDX-License-Identifier: Apache-2.0
#pragma once
// What happens in the lab: a hub inside the process, fed by the store's commits. Whoever follows one job is only woken
// and reads the store; whoever follows all gets what changed. Belongs to the io thread.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "daemon/store/changes.hpp"

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
    /// The job has new log lines, or notifications; states are told by the store's changes alone. The write that made
    /// them must have completed.
    void publish(JobId job);
    /// What the store committed: Store::on_changes() leads here.
    void publish(const std::vector<Change>& changes);
    /// `heard` is called at each publish(). One listener, set once; it must outlive the last publish().
    void on_publish(std::function<void()> heard) { heard_ = std::move(heard); }
    /// The same for who wants to know what changed.
    void on_changes(std::function<void(const std::vector<Change>&)> told) { told_ = std::move(told); }

    /// Watches there are.
    std::size_t size() const { return watches_->size(); }

private:
    void wake(JobId job);

    std::function<void()> heard_;
    std::function<void(const std::vector<Change>&)> told_;
    std::shared_ptr<Watches> watches_ = std::make_shared<Watches>();
};

}  // namespace patchbay
