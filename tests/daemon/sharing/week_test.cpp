// SPDX-License-Identifier: Apache-2.0
// A week of a lab with an owner, two guests and 20 devices, in virtual time: what the rules promise holds at every
// minute of it.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <random>

#include "daemon/sharing/refusal.hpp"
#include "tests/daemon/sharing/simulated_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto rules_text = R"(
timezone: Europe/Berlin
rules:
- name: nightly
  users: [nightly]
  max_priority: 30
  max_running: 8
  max_share: 60%
  keep_free: 1
  windows: ["Mon-Fri 19:00-07:00", "Sat,Sun"]
  preemptible: {after: 10m, attempts: 3}
- name: visitor
  users: [visitor]
  max_priority: 40
  max_running: 4
  max_job_time: 2h
  keep_free: 1
  preemptible: {after: 10m, attempts: 3}
)";
constexpr seconds grace = minutes{10};
constexpr seconds minute = minutes{1};

/// Of all jobs of one user.
struct Figures {
    int jobs = 0, complete = 0, incomplete = 0, canceled = 0, stopped = 0, most_running = 0;
    seconds longest_wait{0}, longest_behind_guests{0}, waits{0}, device_time{0};
};

class WeekTest : public ::testing::Test {
protected:
    SharingRules rules = parse_sharing_rules(rules_text, "sharing.yaml");
    SimulatedLab lab{rules, boards()};
    std::mt19937 random{20260101};
    std::map<std::string, int> most_running;
    int outside = 0, above = 0, into_the_free = 0;

    static std::vector<ConfiguredDevice> boards() {
        std::vector<ConfiguredDevice> devices;
        for (int i = 1; i <= 12; ++i) devices.push_back(a_device("rock-" + std::to_string(i), "rock"));
        for (int i = 1; i <= 8; ++i) devices.push_back(a_device("qemu-" + std::to_string(i), "qemu"));
        return devices;
    }
    int roll(int from, int to) { return from + static_cast<int>(random() % static_cast<unsigned>(to - from + 1)); }

    void SetUp() override {
        spdlog::set_level(spdlog::level::warn);
        lab.add_user("owner", false);
        lab.add_user("nightly", true);
        lab.add_user("visitor", true);
        lab.on_begin = [this](const JobStory& story, const LeaseRow&) { judge_begin(story); };
    }
    void TearDown() override { spdlog::set_level(spdlog::level::info); }

    const SharingRule* rule_of(const std::string& user) { return rules.rule_for(user, {}); }
    int running(const std::string& user) {
        return static_cast<int>(std::count_if(lab.occupied.begin(), lab.occupied.end(), [&](const auto& entry) {
            return lab.stories.at(entry.first).user == user;
        }));
    }
    /// The job is not among those that run yet, its device is no longer idle.
    void judge_begin(const JobStory& story) {
        const auto* rule = rule_of(story.user);
        if (!rule) return;
        if (lab.idle(story.type) < rule->limits.keep_free.value_or(0)) ++into_the_free;
        if (running(story.user) >= *rule->max_running) ++above;
    }
    /// At the end of this minute or at its beginning.
    static bool is_open(const OpeningHours& windows) {
        return opening_at(windows, wall_now()).open || opening_at(windows, wall_now() - minute).open;
    }
    void judge_minute() {
        for (const auto* user : {"owner", "nightly", "visitor"}) {
            const auto count = running(user);
            most_running[user] = std::max(most_running[user], count);
            const auto* rule = rule_of(user);
            if (!rule) continue;
            if (count > *rule->max_running) ++above;
            if (count > 0 && rule->limits.hours && !is_open(*rule->limits.hours)) ++outside;
        }
    }
    void submit(const std::string& user, int priority, int least_minutes, int most_minutes) {
        const seconds limit = minutes{roll(least_minutes, most_minutes)};
        auto job = a_job({}, roll(1, 20) <= 12 ? "rock" : "qemu", priority);
        job.run_limit = limit;
        lab.submit(user, std::move(job), limit * roll(40, 100) / 100);
    }
    /// What comes in this minute of the week.
    void submissions(int at) {
        const int hour = at / 60 % 24, day = at / 1440;
        const bool working = day % 7 != 2 && day % 7 != 3 && hour >= 8 && hour < 18;  // the week begins on a Thursday
        if (working && at % 10 == 0) submit("owner", 50, 20, 60);
        if (working && roll(1, 600) == 1)
            for (int i = 0; i < 16; ++i) submit("owner", 50, 15, 30);
        // The owner's own batch comes when the guests are at work.
        if (at % 1440 == 20 * 60)
            for (int i = 0; i < 16; ++i) submit("owner", 50, 20, 60);
        if (at % 360 == 0)
            for (int i = 0; i < 15; ++i) submit("nightly", 60, 20, 120);
        if (at % 15 == 0) submit("visitor", 100, 10, 60);
    }
    Figures figures(const std::string& user) {
        Figures figures;
        for (const auto& [id, story] : lab.stories) {
            if (story.user != user) continue;
            ++figures.jobs;
            if (story.health == JobHealth::complete) ++figures.complete;
            if (story.health == JobHealth::incomplete) ++figures.incomplete;
            if (story.health == JobHealth::canceled) ++figures.canceled;
            figures.stopped += std::max(0, story.attempts - 1) + (story.health == JobHealth::incomplete ? 1 : 0);
            figures.longest_behind_guests = std::max(figures.longest_behind_guests, story.behind_guests);
            if (story.health == JobHealth::complete) figures.device_time += story.takes;
            if (!story.begun) continue;
            const auto wait = std::chrono::duration_cast<seconds>(*story.begun - story.submitted);
            figures.waits += wait;
            figures.longest_wait = std::max(figures.longest_wait, wait);
        }
        figures.most_running = most_running[user];
        return figures;
    }
    static void print(const std::string& user, const Figures& f) {
        std::printf(
            "%-8s %4d jobs: %4d complete, %d incomplete, %d left the queue; %d attempts stopped; at most %d at once; "
            "waited %s on average, %s at most; %lld device hours\n",
            user.c_str(), f.jobs, f.complete, f.incomplete, f.canceled, f.stopped, f.most_running,
            format_time(f.waits / std::max(1, f.jobs)).c_str(), format_time(f.longest_wait).c_str(),
            static_cast<long long>(f.device_time / hours{1}));
    }
};

TEST_F(WeekTest, TheOwnerGoesFirstAndNobodyStarves) {
    constexpr int week = 7 * 24 * 60;
    for (int at = 0; at < week; ++at) {
        submissions(at);
        lab.advance(minute);
        judge_minute();
    }
    int drained = 0;
    for (; !lab.is_empty() && drained < 3 * 24 * 60; ++drained) {
        lab.advance(minute);
        judge_minute();
    }
    const auto owner = figures("owner"), nightly = figures("nightly"), visitor = figures("visitor");
    std::printf("a week of 20 devices, and %s until the queue was empty\n", format_time(minutes{drained}).c_str());
    print("owner", owner);
    print("nightly", nightly);
    print("visitor", visitor);
    std::printf("the owner's jobs waited for guests %s at most (grace %s, a stop takes %s)\n",
                format_time(owner.longest_behind_guests).c_str(), format_time(grace).c_str(),
                format_time(SimulatedLab::stop_takes).c_str());
    std::printf("guests' minutes outside their window: %d, above their cap: %d, begun on devices kept free: %d\n",
                outside, above, into_the_free);

    EXPECT_EQ(outside, 0);
    EXPECT_EQ(above, 0);
    EXPECT_EQ(into_the_free, 0);
    // Time goes in minutes: one more may pass until a stop is seen, and one until its end is.
    EXPECT_LE(owner.longest_behind_guests, grace + SimulatedLab::stop_takes + 2 * minute);
    EXPECT_GT(owner.longest_behind_guests, seconds{0}) << "guests were in the way at times, or this shows nothing";
    EXPECT_GT(nightly.stopped + visitor.stopped, 0);
    EXPECT_EQ(most_running["visitor"], 4) << "the cap was reached";
    EXPECT_EQ(most_running["nightly"], 8);
    EXPECT_TRUE(lab.is_empty()) << "somebody starves";
    EXPECT_EQ(owner.complete, owner.jobs);
    for (const auto& guest : {nightly, visitor}) {
        EXPECT_EQ(guest.complete + guest.incomplete, guest.jobs);
        EXPECT_LE(guest.incomplete * 50, guest.jobs) << "more than 2% were stopped three times";
    }
}

}  // namespace
}  // namespace patchbay
