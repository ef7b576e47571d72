// SPDX-License-Identifier: Apache-2.0
#pragma once
// A lab in virtual time: the real store, scheduler and rules; boards whose jobs take as long as the test says.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/task_group.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay::testing {

/// What became of one job.
struct JobStory {
    std::string user, type;
    WallTime submitted{};
    std::chrono::seconds takes{0};  ///< on a device
    std::optional<WallTime> begun;  ///< the first time
    std::optional<JobHealth> health;
    int attempts = 0;
    std::chrono::seconds behind_guests{0};  ///< queued while a guest had a device of its type
};

/// What a device is doing.
struct Occupied {
    LeaseRow lease;
    WallTime ends{};
    bool stopping = false;
};

class SimulatedLab {
public:
    SimulatedLab(const SharingRules& rules, std::vector<ConfiguredDevice> devices);
    ~SimulatedLab();

    UserId add_user(const std::string& name, bool guest);
    void submit(const std::string& user, NewJob job, std::chrono::seconds takes);
    /// Lets time pass; what ends in it ends, what shall stop takes `stop_takes` at most.
    void advance(std::chrono::seconds step);
    bool is_empty() const { return occupied.empty() && waiting.empty(); }

    std::map<JobId, JobStory> stories;
    std::map<JobId, Occupied> occupied;
    std::set<JobId> waiting;
    std::function<void(const JobStory&, const LeaseRow&)> on_begin;
    static constexpr std::chrono::seconds stop_takes{60};

    int idle(const std::string& type);

private:
    void settle();
    void begin(const LeaseRow& lease);
    void end(const Occupied& device);
    void count_waiting(std::chrono::seconds step);
    void find_timed_out();

    TemporaryStore lab_;
    VirtualTime time_{lab_.io};
    Scheduler scheduler_;
    TaskGroup group_{lab_.io.get_executor()};
    std::map<std::string, UserId> users_;
    std::set<std::string> guests_;
};

}  // namespace patchbay::testing
