// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sessions.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;

struct SessionsTest : ::testing::Test {
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    WallTime now = wall_now();
    JobId job = lab.add_job(a_job(alice));

    void SetUp() override {
        auto insert = [this](Database& db) {
            SessionRow row;
            row.job = job;
            row.note = "soldering";
            row.time = hours{2};
            row.idle_release = hours{1};
            Sessions{db}.insert(row);
        };
        lab.write(std::move(insert));
    }
    SessionRow row() { return *Sessions{lab.reader()}.find(job); }
    void begin() {
        auto write = [this](Database& db) { Sessions{db}.begin(job, now); };
        lab.write(std::move(write));
    }
};

TEST_F(SessionsTest, TimeCountsFromTheBeginningAndOnce) {
    EXPECT_EQ(row().note, "soldering");
    EXPECT_EQ(row().idle_release, hours{1});
    EXPECT_FALSE(row().ends);
    begin();
    EXPECT_EQ(row().ends, now + hours{2});
    now += minutes{5};
    begin();
    EXPECT_EQ(row().ends, now - minutes{5} + hours{2});
    EXPECT_FALSE(Sessions{lab.reader()}.find(JobId{99}));
}

TEST_F(SessionsTest, IsExtendedUntilItIsReleasedOrOver) {
    begin();
    auto longer = [this](Database& db) { return Sessions{db}.extend(job, row().time, hours{1}, now); };
    EXPECT_TRUE(lab.write(longer));
    EXPECT_EQ(row().ends, now + hours{3});
    EXPECT_EQ(row().time, hours{3});
    auto end = [this](Database& db) { return Sessions{db}.end(job, "released by alice", now); };
    EXPECT_TRUE(lab.write(end));
    EXPECT_EQ(row().ends, now);
    EXPECT_FALSE(lab.write(longer)) << "it ends";
    EXPECT_FALSE(lab.write(end));
    EXPECT_EQ(row().end_reason, "released by alice");
}

TEST_F(SessionsTest, IsOpenUntilItsJobIsFinished) {
    ASSERT_EQ(Sessions{lab.reader()}.open().size(), 1u);
    auto finish = [this](Database& db) { Jobs{db}.finish(job, JobHealth::complete, now); };
    lab.write(std::move(finish));
    EXPECT_TRUE(Sessions{lab.reader()}.open().empty());
    auto longer = [this](Database& db) { return Sessions{db}.extend(job, hours{2}, hours{1}, now); };
    EXPECT_FALSE(lab.write(std::move(longer)));
}

TEST_F(SessionsTest, OfTwoExtensionsAtOnceOneHasToLookAgain) {
    auto longer = [this](Database& db) { return Sessions{db}.extend(job, hours{2}, hours{1}, now); };
    EXPECT_FALSE(lab.write(longer)) << "it has not begun";
    begin();
    EXPECT_TRUE(lab.write(longer));
    EXPECT_FALSE(lab.write(longer)) << "what it was decided by is no more so";
    EXPECT_EQ(row().time, hours{3});
    EXPECT_EQ(row().ends, now + hours{3});
}

TEST_F(SessionsTest, WhatHasEndedIsNotExtended) {
    begin();
    auto late = [this](Database& db) { return Sessions{db}.extend(job, hours{2}, hours{1}, now + hours{2}); };
    EXPECT_FALSE(lab.write(late)) << "its runner ends it in this moment";
    EXPECT_EQ(row().ends, now + hours{2});
}

}  // namespace
}  // namespace patchbay
