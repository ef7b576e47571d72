// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/retention.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/task_group.hpp"
#include "daemon/store/artifacts.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/old_jobs.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/results.hpp"
#include "jobs/journal/artifact.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

using namespace testing;

constexpr auto day = std::chrono::hours{24};

class RetentionTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");

    /// With `lines` of log, `cases` results in sets, and a closed lease.
    JobId ended(std::chrono::hours ago, int lines = 10, int cases = 5) {
        const auto job = lab.add_job(a_job(alice));
        auto fill = [=](Database& db) {
            Jobs{db}.schedule(job, "qemu-01");
            const auto lease = Leases{db}.insert(job, "qemu-01", wall_now());
            Leases{db}.close(lease.id, lease.fence, wall_now());
            std::vector<std::string> records;
            for (int i = 0; i < lines; ++i) records.push_back(R"({"msg": ")" + std::string(1000, 'x') + R"("})");
            Logs{db}.append(job, records);
            for (int i = 0; i < cases; ++i) {
                NewCase row;
                row.suite = "suite-" + std::to_string(i % 3);
                row.set = "set-" + std::to_string(i % 2);
                row.name = "case-" + std::to_string(i);
                Results{db}.add_case(job, row);
            }
            Artifacts{db}.add(job, encode_artifact_piece({"0_out.wav", "audio/wav", "RIFF"}, 0));
            Jobs{db}.finish(job, JobHealth::complete, wall_now() - ago);
        };
        lab.write(std::move(fill));
        return job;
    }
    std::int64_t rows(const std::string& table, JobId job) {
        auto row = lab.reader().run("SELECT COUNT(*) FROM " + table + " WHERE job = $1", job);
        row->step();
        return row->integer(0);
    }
    bool exists(JobId job) { return Jobs{lab.reader()}.find(job).has_value(); }
    /// Lets virtual time pass, and the store's threads work, until `condition` holds.
    template <class Condition>
    void until(Condition condition) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), limit) << "it never came to that";
            Clock::moved += 1s;
            lab.io.restart();
            lab.io.poll();
            std::this_thread::yield();
        }
    }
    void SetUp() override { lab.add_devices({a_device("qemu-01")}); }
};

TEST_F(RetentionTest, AJobGoesInPiecesAndIsNotFoundFromTheFirstOn) {
    const auto job = ended(day, 5000, 1200);
    const auto other = ended(day);
    auto blame = [job](Database& db) { db.change("UPDATE device SET last_health_report_job = $1", job); };
    lab.write(blame);
    ASSERT_GT(rows("log_chunk", job), 64);
    int pieces = 1;
    auto piece = [job](Database& db) { return OldJobs{db}.remove_piece(job); };
    ASSERT_TRUE(lab.write(piece));
    EXPECT_FALSE(exists(job));
    EXPECT_GT(rows("test_case", job), 0);
    for (; lab.write(piece); ++pieces) ASSERT_LT(pieces, 100);
    EXPECT_GE(pieces, 4);
    for (const auto* table :
         {"log_chunk", "artifact", "test_case", "suite", "lease", "job_text", "masked_text", "job_tag"})
        EXPECT_EQ(rows(table, job), 0) << table;
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-01")->last_health_report_job, std::nullopt);
    EXPECT_EQ(Jobs{lab.reader()}.count({}, {}), 1);
    EXPECT_TRUE(exists(other));
    EXPECT_EQ(rows("test_case", other), 5);
    EXPECT_GT(ended(day).value, other.value) << "no number is used twice";
}

TEST_F(RetentionTest, TheLastJobsNumberIsNotUsedAgain) {
    const auto job = ended(day);
    auto piece = [job](Database& db) { return OldJobs{db}.remove_piece(job); };
    EXPECT_FALSE(lab.write(piece));
    EXPECT_EQ(ended(day).value, job.value + 1);
}

TEST_F(RetentionTest, RemovingSuitesDoesNotWalkAllCases) {
    std::string plan;
    auto rows = lab.reader().run("EXPLAIN QUERY PLAN SELECT rowid FROM test_case WHERE test_set = 1");
    while (rows->step()) plan += rows->text(3);
    EXPECT_NE(plan.find("test_case_set"), std::string::npos) << plan;
}

TEST_F(RetentionTest, OnlyWhatIsTooOldGoes) {
    VirtualTime time{lab.io};
    const auto oldest = ended(400 * day), old = ended(100 * day), young = ended(day);
    const auto queued = lab.add_job(a_job(alice), wall_now() - 500 * day);
    TaskGroup group{lab.io.get_executor()};
    group.spawn("retention", keep_for(*lab.store, {365 * day, 90 * day}));
    until([&] { return !exists(oldest) && rows("lease", oldest) == 0 && rows("artifact", old) == 0; });
    EXPECT_EQ(rows("log_chunk", old), 0);
    EXPECT_EQ(rows("test_case", old), 5) << "results stay";
    EXPECT_TRUE(Jobs{lab.reader()}.find(old)->log_removed);
    EXPECT_EQ(Logs{lab.reader()}.line_count(young), 10);
    EXPECT_EQ(Artifacts{lab.reader()}.list(young).size(), 1U);
    EXPECT_FALSE(Jobs{lab.reader()}.find(young)->log_removed);
    EXPECT_TRUE(exists(queued)) << "however long it waits";

    const auto later = ended(400 * day);
    until([&] { return rows("lease", later) == 0; });
    group.cancel();
    until([&] { return group.size() == 0; });
    EXPECT_TRUE(exists(old));
}

TEST_F(RetentionTest, ArtifactsGoWithLogsInPiecesAndTheJobIsThenDone) {
    const auto job = ended(day);
    const std::string large(20 * artifact_piece_bytes, 's');
    auto add = [&](Database& db) {
        for (std::uint64_t at = 0; at < large.size(); at += artifact_piece_bytes)
            Artifacts{db}.add(job, encode_artifact_piece({"1_out.wav", "audio/wav", large}, at));
        db.change("DELETE FROM log_chunk WHERE job = $1", job);  // as an earlier version left it
    };
    lab.write(add);
    EXPECT_EQ(OldJobs{lab.reader()}.with_log_before(wall_now()), std::vector{job});
    int pieces = 1;
    auto piece = [job](Database& db) { return OldJobs{db}.remove_log_piece(job, wall_now()); };
    for (; lab.write(piece); ++pieces) ASSERT_LT(pieces, 100);
    EXPECT_GE(pieces, 3);
    EXPECT_EQ(rows("artifact", job), 0);
    EXPECT_EQ(rows("test_case", job), 5);
    EXPECT_TRUE(OldJobs{lab.reader()}.with_log_before(wall_now()).empty());
}

TEST_F(RetentionTest, WhoDidWhatGoesAfterItsTimeHoweverMuchThereIs) {
    VirtualTime time{lab.io};
    auto record = [](Database& db) {
        for (int i = 0; i < 1200; ++i) Audit{db}.record({"alice", "job.submit", "1", ""}, wall_now() - 40 * day);
        Audit{db}.record({"alice", "job.submit", "2", ""}, wall_now() - 20 * day);
    };
    lab.write(record);
    const auto job = ended(5000 * day);
    TaskGroup group{lab.io.get_executor()};
    group.spawn("retention", keep_for(*lab.store, {0s, 0s, 30 * day}));
    until([&] { return Audit{lab.reader()}.count({}) == 1; });
    group.cancel();
    until([&] { return group.size() == 0; });
    EXPECT_EQ(Audit{lab.reader()}.list({}).at(0).deed.object, "2");
    EXPECT_TRUE(exists(job));
}

TEST_F(RetentionTest, AJobStaysUntilItsCallbacksAreSentOrGivenUp) {
    const auto job = ended(100 * day);
    auto add = [job](Database& db) {
        NewNotification made;
        made.job = job;
        const auto first = Outbox{db}.add(made, wall_now());
        return std::pair{first, Outbox{db}.add(made, wall_now())};
    };
    const auto [first, behind] = lab.write(add);
    const auto found = [&] {
        OldJobs old{lab.reader()};
        const auto all = old.ended_before(wall_now() - 90 * day);
        EXPECT_EQ(old.with_log_before(wall_now() - 90 * day), all);
        return all.size();
    };
    const auto note = [&](NotificationId id, NotificationPhase phase) {
        auto write = [=](Database& db) { Outbox{db}.record(id, {phase, 0, "", wall_now(), wall_now()}); };
        lab.write(std::move(write));
    };
    EXPECT_EQ(found(), 0U);
    note(first, NotificationPhase::waiting);
    EXPECT_EQ(found(), 0U);
    note(first, NotificationPhase::sent);
    EXPECT_EQ(found(), 0U) << "the one behind it waits";
    note(behind, NotificationPhase::given_up);
    EXPECT_EQ(found(), 1U);
}

TEST_F(RetentionTest, ByDefaultEverythingIsKept) {
    const auto job = ended(5000 * day);
    TaskGroup group{lab.io.get_executor()};
    group.spawn("retention", keep_for(*lab.store, {}));
    lab.io.restart();
    lab.io.run();
    EXPECT_EQ(group.size(), 0U);
    EXPECT_EQ(Logs{lab.reader()}.line_count(job), 10);
}

}  // namespace
}  // namespace patchbay
