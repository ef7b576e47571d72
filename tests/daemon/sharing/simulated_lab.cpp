// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/sharing/simulated_lab.hpp"

#include <algorithm>

#include "daemon/supervise/ending.hpp"

namespace patchbay::testing {

SimulatedLab::SimulatedLab(const SharingRules& rules, std::vector<ConfiguredDevice> devices)
    : scheduler_{lab_.io.get_executor(), *lab_.store, [this](LeaseRow lease) { begin(lease); }} {
    lab_.add_devices(std::move(devices));
    scheduler_.on_stop([this](LeaseRow lease) {
        auto& device = occupied.at(lease.job);
        device.lease = std::move(lease);
        device.stopping = true;
        device.ends = std::min(device.ends, WallTime{wall_now() + stop_takes});
    });
    scheduler_.set_sharing(rules);
    group_.spawn("scheduler", scheduler_.run());
    group_.spawn("time-outs", scheduler_.run_queue_timeouts());
    settle();
}

SimulatedLab::~SimulatedLab() {
    group_.cancel();
    settle();
}

UserId SimulatedLab::add_user(const std::string& name, bool guest) {
    if (guest) guests_.insert(name);
    return users_[name] = lab_.add_user(name);
}

void SimulatedLab::submit(const std::string& user, NewJob job, std::chrono::seconds takes) {
    job.submitter = users_.at(user);
    JobStory story{user, *job.requested_device_type, wall_now(), takes, {}, {}, 0, {}};
    const auto id = run(lab_.io, scheduler_.submit(std::move(job)));
    waiting.insert(id);
    stories[id] = story;
    settle();
}

/// Lets everything happen that was caused so far.
void SimulatedLab::settle() {
    for (int quiet = 0; quiet < 3;) {
        lab_.store->flush();
        lab_.io.restart();
        quiet = lab_.io.poll() > 0 ? 0 : quiet + 1;
    }
}

void SimulatedLab::begin(const LeaseRow& lease) {
    auto& story = stories.at(lease.job);
    const auto now = wall_now();
    ++story.attempts;
    if (!story.begun) story.begun = now;
    waiting.erase(lease.job);
    if (on_begin) on_begin(story, lease);
    occupied[lease.job] = {lease, now + story.takes, false};
}

void SimulatedLab::end(const Occupied& device) {
    const auto& lease = device.lease;
    const bool again = device.stopping && lease.requeue;
    auto write = [device, again](Database& db) {
        const auto now = wall_now();
        if (again && requeue_job(db, device.lease, now)) return;
        Outcome outcome;
        outcome.passed = !device.stopping;
        if (device.stopping) outcome.error_type = "Infrastructure";
        close_lease(db, device.lease, IngestBatch{}, outcome, now);
    };
    lab_.write(std::move(write));
    auto& story = stories.at(lease.job);
    if (again)
        waiting.insert(lease.job);
    else
        story.health = device.stopping ? JobHealth::incomplete : JobHealth::complete;
    occupied.erase(JobId{lease.job});
    scheduler_.device_free(story.type);
    settle();
}

void SimulatedLab::advance(std::chrono::seconds step) {
    Clock::moved += step;
    count_waiting(step);
    settle();
    const auto now = wall_now();
    std::vector<Occupied> ended;
    for (const auto& [job, device] : occupied)
        if (device.ends <= now) ended.push_back(device);
    for (const auto& device : ended) end(device);
    find_timed_out();
}

void SimulatedLab::count_waiting(std::chrono::seconds step) {
    std::set<std::string> lent;
    for (const auto& [job, device] : occupied)
        if (const auto& story = stories.at(job); guests_.contains(story.user)) lent.insert(story.type);
    for (const auto job : waiting) {
        auto& story = stories.at(job);
        if (!guests_.contains(story.user) && lent.contains(story.type)) story.behind_guests += step;
    }
}

void SimulatedLab::find_timed_out() {
    for (auto it = waiting.begin(); it != waiting.end();) {
        const auto status = Jobs{lab_.reader()}.status(*it);
        if (status->state == JobState::finished) {
            stories.at(*it).health = status->health;
            it = waiting.erase(it);
        } else {
            ++it;
        }
    }
}

int SimulatedLab::idle(const std::string& type) {
    auto row = lab_.reader().run("SELECT COUNT(*) FROM device WHERE device_type = $1 AND state = 0", type);
    row->step();
    return static_cast<int>(row->integer(0));
}

}  // namespace patchbay::testing
