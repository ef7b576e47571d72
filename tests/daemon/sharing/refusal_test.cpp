// SPDX-License-Identifier: Apache-2.0
#include "daemon/sharing/refusal.hpp"

#include <date/date.h>
#include <gtest/gtest.h>

namespace patchbay {
namespace {

SharingRule rule(const std::string& keys) {
    return parse_sharing_rules("timezone: Europe/Berlin\nrules:\n- name: guests\n  users: [kernelci]\n" + keys,
                               "sharing.yaml")
        .rules.front();
}

std::string numbers(const SharingRule& rule, Usage usage) {
    const auto refusal = refused_by_numbers(rule, "rock", usage);
    if (!refusal) return "";
    EXPECT_FALSE(refusal->until) << "only an ending job helps";
    return std::string{to_string(refusal->hindrance)} + ": " + refusal->text;
}

TEST(Refusal, TheCapOfRunningJobsCountsAllDevicesAndThoseOfAType) {
    const auto all = rule("  max_running: 2\n");
    EXPECT_EQ(numbers(all, {1, 1, 9, 9}), "");
    EXPECT_EQ(numbers(all, {2, 0, 9, 9}),
              "max_running: 2 jobs of these users have a device, and max_running of rule 'guests' allows 2");
    const auto type = rule("  each: true\n  device_types: {rock: {max_running: 1}}\n");
    EXPECT_EQ(numbers(type, {5, 0, 9, 9}), "");
    EXPECT_EQ(numbers(type, {5, 1, 9, 9}),
              "max_running: 1 job of this user has a device of type 'rock', and max_running "
              "of rule 'guests' allows 1 there");
    EXPECT_NE(numbers(rule("  max_running: 0\n"), {}), "") << "nothing at all";
}

TEST(Refusal, AShareIsRoundedDownAndOneAtLeast) {
    const auto half = rule("  max_share: 50%\n");
    EXPECT_EQ(numbers(half, {1, 1, 5, 4}), "");
    EXPECT_EQ(numbers(half, {2, 2, 5, 3}),
              "max_share: 2 jobs of these users have a device of type 'rock', and max_share of "
              "rule 'guests' allows 2 of the 5 (50%)");
    EXPECT_EQ(numbers(half, {0, 0, 1, 1}), "");
    EXPECT_NE(numbers(half, {1, 1, 1, 0}), "");
    EXPECT_EQ(numbers(half, {9, 0, 5, 5}), "") << "devices of other types are not counted";
}

TEST(Refusal, SomeDevicesStayFree) {
    const auto one = rule("  keep_free: 1\n");
    EXPECT_EQ(numbers(one, {0, 0, 5, 2}), "");
    EXPECT_EQ(numbers(one, {0, 0, 5, 1}),
              "keep_free: 1 devices of type 'rock' are free, and keep_free of rule 'guests' leaves 1 to others");
    EXPECT_EQ(numbers(rule("  keep_free: 0\n"), {0, 0, 5, 1}), "");
}

TEST(Refusal, AJobThatWouldOutlastTheWindowDoesNotBegin) {
    const auto nights = rule("  windows: [\"19:00-07:00\"]\n");
    // 05:00 in Berlin: two hours are left.
    const WallTime now{date::sys_days{date::year{2026} / 1 / 14} + std::chrono::hours{4}};
    const auto when = [&](std::optional<std::chrono::seconds> time, WallTime at) {
        const auto refusal = refused_by_time(nights, nights.limits.hours, at, time);
        if (!refusal) return std::string{};
        return std::string{to_string(refusal->hindrance)} + ": " + refusal->text + " | " +
               date::format("%F %H:%M", date::floor<std::chrono::minutes>(refusal->until.value()));
    };
    EXPECT_EQ(when(2h, now), "");
    EXPECT_EQ(when(2h + 1s, now),
              "window_ends: the job may take 2h 1s, and windows of rule 'guests' close at 2026-01-14 "
              "07:00 CET | 2026-01-14 18:00");
    EXPECT_EQ(when(std::nullopt, now),
              "window_ends: the job has no time-out that is known, and windows of rule 'guests' "
              "close at 2026-01-14 07:00 CET | 2026-01-14 18:00");
    EXPECT_EQ(when(1s, now + 2h),
              "window: windows of rule 'guests' are closed until 2026-01-14 19:00 CET | 2026-01-14 18:00");
    EXPECT_EQ(refused_by_time(nights, std::nullopt, now, std::nullopt), std::nullopt) << "no windows, no limit";
    const OpeningHours never;
    EXPECT_FALSE(refused_by_time(nights, never, now, 1s)->until);
}

TEST(Admission, ThePriorityIsLoweredAndTheQueueTimeoutShortened) {
    const auto guests = rule("  max_priority: 40\n  queue_timeout: 6h\n");
    NewcomerFacts job;
    job.priority = 80;
    EXPECT_EQ(admit(guests, job).priority, 40);
    EXPECT_EQ(admit(guests, job).queue_timeout, 6h);
    EXPECT_EQ(admit(guests, job).refusal, "");
    job.priority = 20;
    job.queue_timeout = 1h;
    EXPECT_EQ(admit(guests, job).priority, 20);
    EXPECT_EQ(admit(guests, job).queue_timeout, 1h);
    job.queue_timeout = 48h;
    EXPECT_EQ(admit(guests, job).queue_timeout, 6h);
    EXPECT_EQ(admit(rule(""), job).queue_timeout, 48h);
}

TEST(Admission, AFullQueueTakesNoMore) {
    const auto guests = rule("  max_queued: 2\n");
    NewcomerFacts job;
    job.queued = 1;
    EXPECT_EQ(admit(guests, job).refusal, "");
    job.queued = 2;
    EXPECT_EQ(admit(guests, job).refusal,
              "the users of this rule have 2 jobs in the queue, and max_queued of rule 'guests' "
              "allows 2; submit again when some have begun");
}

TEST(Admission, AJobThatCouldNeverRunIsRefused) {
    NewcomerFacts job;
    job.device_type = "rock";
    job.time = 2h;
    EXPECT_EQ(admit(rule("  max_job_time: 2h\n"), job).refusal, "");
    EXPECT_EQ(admit(rule("  max_job_time: 1h\n  windows: [\"19:00-07:00\"]\n"), job).refusal,
              "timeouts.job is 2h, and max_job_time of rule 'guests' allows 1h; give it a shorter one");
    EXPECT_EQ(admit(rule("  windows: [\"12:00-13:30\"]\n"), job).refusal,
              "timeouts.job is 2h, and windows of rule 'guests' are never open for longer than 1h 30min; give it a "
              "shorter one");
    EXPECT_EQ(admit(rule("  windows: [\"12:00-13:30\"]\n  devices: {rock-1: {windows: [Sun]}}\n"), job).refusal, "");
    EXPECT_EQ(admit(rule("  windows: []\n"), job).refusal,
              "windows of rule 'guests' never open for devices of type 'rock'; ask the owner of the lab");
    job.time.reset();
    EXPECT_NE(admit(rule("  max_job_time: 1h\n"), job).refusal, "");
}

}  // namespace
}  // namespace patchbay
