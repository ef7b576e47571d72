// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/announce.hpp"

#include <gtest/gtest.h>

#include "daemon/store/outbox.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AnnounceTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");

    JobId job(const std::string& notify, const std::string& name = "smoke") {
        auto made = a_job(alice);
        made.description = name;
        made.definition = "job_name: " + name + "\nnotify:\n" + notify;
        return lab.add_job(made);
    }
    void start(JobId id) {
        auto change = [id](Database& db) {
            Jobs{db}.schedule(id, "qemu-01");
            Jobs{db}.start(id, wall_now());
            announce(db, id, wall_now());
        };
        lab.write(std::move(change));
    }
    void finish(JobId id, JobHealth health) {
        auto change = [=](Database& db) {
            Jobs{db}.finish(id, health, wall_now());
            announce(db, id, wall_now());
        };
        lab.write(std::move(change));
    }
    std::vector<NotificationRow> outbox(JobId id) { return Outbox{lab.reader()}.of_job(id); }
    /// "kind position address state phase" of each.
    std::vector<std::string> brief(JobId id) {
        std::vector<std::string> lines;
        for (const auto& row : outbox(id))
            lines.push_back(std::string{to_string(row.kind)} + " " + std::to_string(row.position) + " " + row.address +
                            " " + std::string{to_string(row.job_state)} + " " + std::string{to_string(row.phase)});
        return lines;
    }
};

using Lines = std::vector<std::string>;

TEST_F(AnnounceTest, EachStateThatIsAskedForMakesOneForEachCallback) {
    const auto id =
        job("  criteria: {status: all}\n  callbacks: [{url: 'http://a/{ID}/{STATE}'}, {url: 'http://b/'}]\n");
    start(id);
    EXPECT_EQ(brief(id), (Lines{"callback 0 http://a/1/3 Running waiting", "callback 1 http://b/ Running waiting"}));
    finish(id, JobHealth::complete);
    const auto rows = outbox(id);
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[2].address, "http://a/1/5");
    EXPECT_EQ(rows[2].receiver, "http://a");
    EXPECT_EQ(rows[2].job_health, JobHealth::complete);
    EXPECT_EQ(rows[2].phase, NotificationPhase::behind) << "Running was not sent yet";
}

TEST_F(AnnounceTest, OtherStatesMakeNone) {
    const auto id = job("  criteria: {status: incomplete}\n  callbacks: [{url: 'http://a/'}]\n");
    start(id);
    finish(id, JobHealth::complete);
    EXPECT_EQ(brief(id), Lines{});
}

TEST_F(AnnounceTest, RecipientsAreServedOnceForEachJobAndIrcIsRefused) {
    const auto id =
        job("  criteria: {status: all}\n  recipients:\n  - to: {method: email, user: bob}\n"
            "  - to: {method: email, user: bob, email: c@d}\n  - to: {method: irc, handle: dan}\n"
            "  - to: {method: email, user: '{LAVA_DEVICE_OWNER}'}\n");
    start(id);
    finish(id, JobHealth::complete);
    EXPECT_EQ(brief(id),
              (Lines{"email 0 bob Running waiting", "email 1 c@d Running waiting", "irc 2 dan Running given up"}));
    EXPECT_EQ(outbox(id)[2].problem, "this lab sends nothing by IRC; ask for an e-mail or a callback");
}

TEST_F(AnnounceTest, WithoutRecipientsAndCallbacksTheSubmitterGetsAMail) {
    const auto id = job("  criteria: {status: finished}\n");
    finish(id, JobHealth::canceled);
    EXPECT_EQ(brief(id), Lines{"email 0 alice Finished waiting"});
}

TEST_F(AnnounceTest, ARegressionIsSeenAgainstTheLastJobOfThatNameAndSubmitter) {
    const std::string notify =
        "  criteria: {status: incomplete, type: regression}\n  callbacks: [{url: 'http://a/'}]\n";
    const auto first = job(notify), second = job(notify), third = job(notify), other = job(notify, "other");
    finish(first, JobHealth::complete);
    finish(second, JobHealth::incomplete);
    finish(third, JobHealth::incomplete);
    finish(other, JobHealth::incomplete);
    EXPECT_EQ(brief(first), Lines{});
    EXPECT_EQ(brief(second).size(), 1u);
    EXPECT_EQ(brief(third), Lines{}) << "the one before was Incomplete already";
    EXPECT_EQ(brief(other), Lines{}) << "it has no predecessor";
}

TEST_F(AnnounceTest, ASetOfJobsNotifiesOnceTheLastOneIsThere) {
    const std::string notify =
        "  criteria: {status: finished, dependency_query: testjob__description__exact__set}\n"
        "  callbacks: [{url: 'http://a/'}]\n";
    const auto one = job(notify, "set"), two = job(notify, "set"), three = job(notify, "set");
    finish(two, JobHealth::complete);
    finish(one, JobHealth::incomplete);
    EXPECT_EQ(brief(one).size() + brief(two).size(), 0u);
    finish(three, JobHealth::canceled);
    EXPECT_EQ(brief(three).size(), 1u);
}

TEST_F(AnnounceTest, AQueryThatMeansNothingIsShownAndTheJobEndsAllTheSame) {
    const auto id =
        job("  criteria: {status: all, dependency_query: testjob__moon__full}\n  callbacks: [{url: 'http://a/'}]\n");
    start(id);
    finish(id, JobHealth::complete);
    EXPECT_EQ(brief(id), Lines{"callback 0 http://a/ Running given up"});
    EXPECT_NE(outbox(id)[0].problem.find("testjob__moon__full"), std::string::npos);
    EXPECT_EQ(Jobs{lab.reader()}.status(id)->state, JobState::finished);
}

TEST_F(AnnounceTest, ATransactionThatIsRolledBackAnnouncesNothing) {
    const auto id = job("  criteria: {status: finished}\n  callbacks: [{url: 'http://a/'}]\n");
    auto change = [id](Database& db) {
        Jobs{db}.finish(id, JobHealth::complete, wall_now());
        announce(db, id, wall_now());
        throw StoreError{"disk full"};
    };
    EXPECT_THROW(lab.write(change), StoreError);
    EXPECT_EQ(brief(id), Lines{});
    EXPECT_EQ(Jobs{lab.reader()}.status(id)->state, JobState::submitted);
}

TEST_F(AnnounceTest, AQueryThatTheStoreRefusesIsShownAndTheJobEndsAllTheSame) {
    const auto other = lab.add_job(a_job(alice));
    const std::string query = "'namedtestattribute__branch__exact__main'";
    const auto id =
        job("  criteria: {status: all, dependency_query: " + query + "}\n  callbacks: [{url: 'http://a/'}]\n");
    auto spoil = [other](Database& db) { db.change("UPDATE job SET metadata = '{' WHERE id = $1", other); };
    lab.write(std::move(spoil));
    finish(id, JobHealth::complete);
    EXPECT_EQ(Jobs{lab.reader()}.find(id)->state, JobState::finished);
    ASSERT_EQ(outbox(id).size(), 1u);
    EXPECT_EQ(outbox(id)[0].phase, NotificationPhase::given_up);
    EXPECT_EQ(outbox(id)[0].problem.find("dependency_query: the store refuses it: "), 0u) << outbox(id)[0].problem;
}

}  // namespace
}  // namespace patchbay
