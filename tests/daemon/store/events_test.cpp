// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/events.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "core/errors.hpp"
#include "core/task_group.hpp"

namespace patchbay {
namespace {

class EventsTest : public ::testing::Test {
protected:
    asio::io_context io;
    TaskGroup group{io.get_executor()};
    Events events;
    int seen = 0;

    static Task<> count(Events::Watch watch, int* seen) {
        for (;;) {
            co_await watch.next();
            ++*seen;
        }
    }
    void settle() {
        io.restart();
        while (io.poll() > 0) {
        }
    }
    void TearDown() override {
        group.cancel();
        settle();
        EXPECT_EQ(group.size(), 0U) << "a waiting watch can be cancelled";
    }
};

TEST_F(EventsTest, AChangeWakesThoseWhoWatchThatJob) {
    group.spawn("a", count(events.watch(JobId{1}), &seen));
    group.spawn("b", count(events.watch(JobId{1}), &seen));
    settle();
    EXPECT_EQ(seen, 0);
    events.publish(JobId{2});
    settle();
    EXPECT_EQ(seen, 0);
    events.publish(JobId{1});
    settle();
    EXPECT_EQ(seen, 2);
    events.publish(JobId{1});
    settle();
    EXPECT_EQ(seen, 4);
}

TEST_F(EventsTest, AChangeBetweenWatchingAndWaitingIsNotMissed) {
    auto watch = events.watch(JobId{1});
    events.publish(JobId{1});
    events.publish(JobId{1});
    group.spawn("a", count(std::move(watch), &seen));
    settle();
    EXPECT_EQ(seen, 1) << "two changes, one wake: who is told reads everything";
}

TEST_F(EventsTest, WhatTheStoreCommittedWakesWhoWatchesThoseJobsAndIsToldWhole) {
    int heard = 0;
    std::vector<Change> told;
    events.on_publish([&] { ++heard; });
    events.on_changes([&](const std::vector<Change>& changes) { told = changes; });
    group.spawn("a", count(events.watch(JobId{1}), &seen));
    settle();
    const std::vector<Change> others{DeviceNews{"board", {}, {}, JobId{1}}, JobNews{JobId{2}, {}, {}, 50, {}, {}, {}}};
    events.publish(others);
    settle();
    EXPECT_EQ(seen, 0);
    EXPECT_EQ(told, others);
    events.publish(std::vector<Change>{JobNews{JobId{1}, JobState::running, {}, 50, {}, {}, {}}});
    settle();
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(heard, 2);
}

TEST_F(EventsTest, AClosedWatchCostsNothing) {
    auto kept = events.watch(JobId{7});
    for (std::int64_t job = 0; job < 1000; ++job) {
        auto closed = events.watch(JobId{job});
        auto moved = std::move(closed);
    }
    EXPECT_EQ(events.size(), 1U) << "also of jobs that nothing is published about any more";
    events.publish(JobId{1});
    events.publish(JobId{3});
}

}  // namespace
}  // namespace patchbay
