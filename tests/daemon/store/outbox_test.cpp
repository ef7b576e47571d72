// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/outbox.hpp"

#include <gtest/gtest.h>

#include "daemon/store/old_jobs.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class OutboxTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    JobId job = lab.add_job(a_job(alice));
    const WallTime now = wall_now();

    NotificationId add(const std::string& receiver, int position = 0, WallTime when = wall_now()) {
        NewNotification made;
        made.job = job;
        made.position = position;
        made.address = receiver + "/hook";
        made.receiver = receiver;
        made.job_state = JobState::finished;
        made.job_health = JobHealth::incomplete;
        auto insert = [=](Database& db) { return Outbox{db}.add(made, when); };
        return lab.write(std::move(insert));
    }
    void record(NotificationId id, NotificationPhase phase, WallTime due = {}) {
        auto write = [=, at = now](Database& db) { Outbox{db}.record(id, {phase, 503, "busy", at, due}); };
        lab.write(std::move(write));
    }
    Outbox outbox() { return Outbox{lab.reader()}; }
    std::vector<std::string> waiting_receivers() {
        std::vector<std::string> all;
        auto next = outbox().next_receiver(alice, "");
        while (next) {
            all.push_back(*next);
            next = outbox().next_receiver(alice, all.back());
        }
        return all;
    }
    NotificationPhase phase(NotificationId id) { return outbox().find(id)->phase; }
};

TEST_F(OutboxTest, WhatWasAddedComesBack) {
    const auto id = add("http://a", 3, now);
    const auto row = *outbox().find(id);
    EXPECT_EQ(row.job, job);
    EXPECT_EQ(row.kind, NotificationKind::callback);
    EXPECT_EQ(row.position, 3);
    EXPECT_EQ(row.address, "http://a/hook");
    EXPECT_EQ(row.receiver, "http://a");
    EXPECT_EQ(row.job_state, JobState::finished);
    EXPECT_EQ(row.job_health, JobHealth::incomplete);
    EXPECT_EQ(row.phase, NotificationPhase::waiting);
    EXPECT_EQ(row.created, now);
    EXPECT_EQ(row.due, now);
    EXPECT_EQ(row.attempts, 0);
    EXPECT_FALSE(outbox().find(NotificationId{99}));
}

TEST_F(OutboxTest, DueAreThoseOfOneReceiverLongestDueFirst) {
    const auto late = add("http://a", 0, now - 1s), early = add("http://a", 1, now - 2s);
    add("http://a", 2, now + 1h);
    const auto other = add("http://b", 3, now - 9s);
    EXPECT_EQ(waiting_receivers(), (std::vector<std::string>{"http://a", "http://b"}));
    const auto due = outbox().due(alice, "http://a", now, 10);
    ASSERT_EQ(due.size(), 2u);
    EXPECT_EQ(due[0].id, early);
    EXPECT_EQ(due[1].id, late);
    EXPECT_EQ(outbox().due(alice, "http://a", now, 1).size(), 1u);
    EXPECT_EQ(outbox().next_due(now), now + 1h);
    record(other, NotificationPhase::sent);
    EXPECT_EQ(waiting_receivers(), std::vector<std::string>{"http://a"});
}

TEST_F(OutboxTest, EachSubmittersReceiversAreTheirOwn) {
    const auto bob = lab.add_user("bob");
    add("http://a");
    job = lab.add_job(a_job(bob));
    add("http://b");
    EXPECT_EQ(outbox().next_submitter({}), alice);
    EXPECT_EQ(outbox().next_submitter(alice), bob);
    EXPECT_EQ(outbox().next_submitter(bob), std::nullopt);
    EXPECT_EQ(outbox().next_receiver(alice, ""), "http://a");
    EXPECT_EQ(outbox().next_receiver(alice, "http://a"), std::nullopt);
    EXPECT_TRUE(outbox().due(alice, "http://b", wall_now(), 10).empty());
    EXPECT_EQ(outbox().due(bob, "http://b", wall_now(), 10).at(0).submitter, bob);
}

TEST_F(OutboxTest, AnAttemptIsNotedAndWhatWaitsComesAgain) {
    const auto id = add("http://a", 0, now);
    record(id, NotificationPhase::waiting, now + 5s);
    const auto row = *outbox().find(id);
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.last_attempt, now);
    EXPECT_EQ(row.status, 503);
    EXPECT_EQ(row.problem, "busy");
    EXPECT_TRUE(outbox().due(alice, "http://a", now, 10).empty());
    EXPECT_EQ(outbox().due(alice, "http://a", now + 5s, 10).size(), 1u);
    record(id, NotificationPhase::given_up);
    EXPECT_TRUE(outbox().due(alice, "http://a", now + 5s, 10).empty());
    record(id, NotificationPhase::sent);
    EXPECT_EQ(phase(id), NotificationPhase::given_up) << "an attempt that ends late changes nothing";
}

TEST_F(OutboxTest, TheStatesOfAJobReachOnePlaceInTheirOrder) {
    const auto first = add("http://a"), second = add("http://a"), third = add("http://a"), beside = add("http://a", 1);
    EXPECT_EQ(phase(second), NotificationPhase::behind);
    EXPECT_EQ(phase(third), NotificationPhase::behind);
    EXPECT_EQ(phase(beside), NotificationPhase::waiting);
    record(first, NotificationPhase::waiting, now + 1h);
    EXPECT_EQ(phase(second), NotificationPhase::behind);
    record(first, NotificationPhase::sent);
    EXPECT_EQ(phase(second), NotificationPhase::waiting);
    EXPECT_EQ(phase(third), NotificationPhase::behind);
    record(second, NotificationPhase::given_up);
    EXPECT_EQ(phase(third), NotificationPhase::waiting);
}

TEST_F(OutboxTest, WhatWasGivenUpCanBeTriedAgain) {
    const auto one = add("http://a"), two = add("http://b", 1), sent = add("http://c", 2);
    record(one, NotificationPhase::given_up);
    record(two, NotificationPhase::given_up);
    record(sent, NotificationPhase::sent);
    EXPECT_EQ(outbox().list(NotificationPhase::given_up, 10).size(), 2u);
    auto again = [&](Database& db) { return Outbox{db}.retry(one, now + 1h); };
    EXPECT_EQ(lab.write(again), 1);
    EXPECT_EQ(lab.write(again), 0) << "it is waiting already";
    const auto row = *outbox().find(one);
    EXPECT_EQ(row.phase, NotificationPhase::waiting);
    EXPECT_EQ(row.attempts, 0);
    EXPECT_EQ(row.created, now + 1h) << "its age counts from now";
    auto of_job = [&](Database& db) { return Outbox{db}.retry_job(job, now); };
    EXPECT_EQ(lab.write(of_job), 1);
    auto all = [&](Database& db) { return Outbox{db}.retry_all(now); };
    EXPECT_EQ(lab.write(all), 0);
    EXPECT_EQ(phase(sent), NotificationPhase::sent);
}

TEST_F(OutboxTest, WhatCannotBeSentIsShownFromTheBeginning) {
    NewNotification made;
    made.job = job;
    made.kind = NotificationKind::irc;
    auto insert = [=, at = now](Database& db) { return Outbox{db}.add_given_up(made, "no IRC", at); };
    const auto id = lab.write(insert);
    EXPECT_EQ(outbox().find(id)->problem, "no IRC");
    EXPECT_EQ(phase(id), NotificationPhase::given_up);
    EXPECT_TRUE(outbox().has(job, NotificationKind::irc, 0));
    EXPECT_FALSE(outbox().has(job, NotificationKind::irc, 1));
    EXPECT_FALSE(outbox().has(job, NotificationKind::mail, 0));
}

TEST_F(OutboxTest, ItGoesWithItsJob) {
    const auto id = add("http://a");
    auto remove = [this](Database& db) {
        Jobs{db}.finish(job, JobHealth::complete, wall_now());
        OldJobs{db}.remove_piece(job);
    };
    lab.write(remove);
    EXPECT_FALSE(outbox().find(id));
    record(id, NotificationPhase::sent);  // its sender comes back
    EXPECT_TRUE(outbox().of_job(job).empty());
}

TEST_F(OutboxTest, WhatTheSenderLooksForAtEachWakeIsFoundByAnIndex) {
    for (const auto& sql : {std::string{Outbox::next_submitter_sql}, std::string{Outbox::next_receiver_sql},
                            std::string{Outbox::next_due_sql}, Outbox::due_sql}) {
        auto plan = lab.reader().prepare("EXPLAIN QUERY PLAN " + sql);
        while (plan->step()) {
            const std::string step{plan->text(3)};
            EXPECT_TRUE(step.find("SEARCH") != std::string::npos) << sql << ": " << step;
            EXPECT_EQ(step.find("TEMP B-TREE"), std::string::npos) << sql << ": " << step;
        }
    }
}

}  // namespace
}  // namespace patchbay
