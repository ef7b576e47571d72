// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/attached_jobs.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "daemon/store/old_jobs.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AttachedJobsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId guest = lab.add_user("guest");
    JobId job = lab.add_job(a_job(guest));

    AttachedJobId add(std::int64_t remote, const std::string& token = "a-token-of-32-characters") {
        auto insert = [this, remote, token](Database& db) { return AttachedJobs{db}.add("lab", remote, token, job); };
        return lab.write(std::move(insert));
    }
    AttachedJobRow row(AttachedJobId id) { return *AttachedJobs{lab.reader()}.find(id); }
};

TEST_F(AttachedJobsTest, AJobOfAServerIsTakenOnce) {
    const auto id = add(64);
    EXPECT_EQ(AttachedJobs{lab.reader()}.find("lab", 64, "a-token-of-32-characters")->id, id);
    EXPECT_FALSE(AttachedJobs{lab.reader()}.find("other", 64, "a-token-of-32-characters"));
    EXPECT_FALSE(AttachedJobs{lab.reader()}.find("lab", 64, "another"));
    EXPECT_THROW(add(64), StoreError);
    EXPECT_NE(add(64, "another"), id);
}

TEST_F(AttachedJobsTest, WhatTheServerKnowsSurvivesARestart) {
    const auto id = add(64);
    auto note = [id](Database& db) {
        AttachedJobs{db}.set_running_told(id);
        AttachedJobs{db}.set_lines_sent(id, 615);
    };
    lab.write(std::move(note));
    lab.reopen();
    EXPECT_TRUE(row(id).running_told);
    EXPECT_EQ(row(id).lines_sent, 615);
    ASSERT_EQ(AttachedJobs{lab.reader()}.open("lab").size(), 1u);
    EXPECT_TRUE(AttachedJobs{lab.reader()}.open("other").empty());
}

TEST_F(AttachedJobsTest, AJobMayGetAnotherToken) {
    const auto id = add(64);
    auto change = [id](Database& db) { AttachedJobs{db}.set_token(id, "new"); };
    lab.write(std::move(change));
    EXPECT_EQ(AttachedJobs{lab.reader()}.find("lab", 64, "new")->token, "new");
    EXPECT_FALSE(AttachedJobs{lab.reader()}.find("lab", 64, "a-token-of-32-characters"));
}

TEST_F(AttachedJobsTest, TheTokenOfAJobThatEndedIsForgotten) {
    const auto id = add(64);
    auto end = [id](Database& db) { AttachedJobs{db}.end(id, wall_now()); };
    lab.write(std::move(end));
    EXPECT_EQ(row(id).token, "");
    EXPECT_TRUE(row(id).ended);
    EXPECT_TRUE(AttachedJobs{lab.reader()}.open().empty());
    EXPECT_EQ(AttachedJobs{lab.reader()}.find("lab", 64, "a-token-of-32-characters")->id, id);
    auto reopen = [id](Database& db) { AttachedJobs{db}.reopen(id, "a-token-of-32-characters"); };
    lab.write(std::move(reopen));
    EXPECT_EQ(row(id).lines_sent, 0);
    EXPECT_EQ(AttachedJobs{lab.reader()}.open().size(), 1u);
}

TEST_F(AttachedJobsTest, AJobWhoseEndIsOwedIsNotRemovedAsOld) {
    const auto id = add(64);
    auto finish = [this](Database& db) { Jobs{db}.finish(job, JobHealth::complete, wall_now() - 48h); };
    lab.write(std::move(finish));
    EXPECT_TRUE(OldJobs{lab.reader()}.ended_before(wall_now()).empty());
    auto end = [id](Database& db) { AttachedJobs{db}.end(id, wall_now()); };
    lab.write(std::move(end));
    EXPECT_EQ(OldJobs{lab.reader()}.ended_before(wall_now()).size(), 1u);
}

}  // namespace
}  // namespace patchbay
