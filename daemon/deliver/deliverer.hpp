// SPDX-License-Identifier: Apache-2.0
#pragma once
// Empties the outbox: sends what is due, a few at a time for each receiver, and tries again what failed.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <random>
#include <set>
#include <stop_token>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "daemon/deliver/deliver.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

class Deliverer {
public:
    /// One blocking exchange each.
    static constexpr std::size_t threads = 8;
    /// At once to one receiver; of one that did not answer the last time, only one: whoever is down must not hold up
    /// the others.
    static constexpr std::size_t most_of_receiver = 3;
    /// At once about jobs of one submitter, who may invent any number of receivers that take as long as they like.
    static constexpr std::size_t most_of_submitter = threads / 2;

    Deliverer(asio::any_io_executor io, Store& store, DeliverySettings settings);
    ~Deliverer();
    Deliverer(const Deliverer&) = delete;
    Deliverer& operator=(const Deliverer&) = delete;

    /// Something may have come into the outbox. Cheap.
    void wake();
    /// Sends until cancelled; spawned once.
    Task<> run();
    /// Breaks off what is being sent, which the next daemon sends again, and notes what was sent.
    /// Done when: nothing of it runs any more.
    Task<> stop();

    /// Attempts that run now.
    std::size_t size() const { return in_flight_.size(); }

private:
    Task<> start_due();
    Task<> start_due_of(UserId submitter);
    void start_due_at(UserId submitter, const std::string& receiver);
    std::size_t room_of(UserId submitter) const;
    Task<> attempt(NotificationRow row);
    Task<> note(NotificationId id, AttemptRecord record);

    Store& store_;
    DeliverySettings settings_;
    asio::thread_pool pool_{threads};
    std::stop_source stop_;
    Timer changed_;
    bool dirty_ = true;
    std::set<NotificationId> in_flight_;
    std::map<std::string, std::size_t> running_;   // how many for each receiver
    std::map<UserId, std::size_t> running_of_;     // and of each submitter
    std::set<std::string> silent_;                 // receivers that did not answer, and for which something waits
    UserId last_served_;                           // the next round begins behind it
    std::map<UserId, std::string> last_receiver_;  // the same for each submitter's receivers
    std::minstd_rand random_{std::random_device{}()};
    TaskGroup group_;
};

}  // namespace patchbay
