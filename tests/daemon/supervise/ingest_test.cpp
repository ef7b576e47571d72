// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/ingest.hpp"

#include <gtest/gtest.h>

#include "daemon/store/artifacts.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/supervise/ending.hpp"
#include "jobs/journal/artifact.hpp"
#include "jobs/journal/journal_writer.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class IngestTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    std::filesystem::path path = lab.folder.path / "journal";
    LeaseRow lease;
    IngestTest() {
        const auto alice = lab.add_user("alice");
        lab.add_devices({a_device("qemu-01")});
        const auto job = lab.add_job(a_job(alice));
        auto claim = [job](Database& db) {
            Jobs{db}.schedule(job, "qemu-01");
            Devices{db}.reserve("qemu-01", job);
            return Leases{db}.insert(job, "qemu-01", wall_now());
        };
        lease = lab.write(std::move(claim));
    }
    void write_journal(bool with_outcome) {
        auto journal = JournalWriter::create(path, {lease.id, lease.job, lease.fence});
        std::string state, outcome;
        append_state_record(state, "running");
        journal.append(RecordKind::state, state);
        for (int i = 0; i < 10; ++i) {
            std::string line;
            append_log_record(line, wall_now(), LogLevel::target, "line " + std::to_string(i));
            journal.append(RecordKind::log, line);
        }
        std::string result;
        append_result_record(result, wall_now(), make_result("0_smoke", "t1", "fail"));
        journal.append(RecordKind::result, result);
        if (with_outcome) {
            append_fail_record(outcome, "Job", "no such kernel");
            journal.append(RecordKind::outcome, outcome);
        }
    }
    void store(const IngestBatch& batch) {
        auto write = [this, batch](Database& db) { store_batch(db, lease, batch, wall_now()); };
        lab.write(std::move(write));
    }
};

TEST_F(IngestTest, ArtifactsAreStoredInPieces) {
    const std::string sound(3 * artifact_piece_bytes, 's');
    const Artifact artifact{"0_out.wav", "audio/wav", sound};
    {
        auto journal = JournalWriter::create(path, {lease.id, lease.job, lease.fence});
        for (std::uint64_t at = 0; at < sound.size(); at += artifact_piece_bytes)
            journal.append(RecordKind::artifact, encode_artifact_piece(artifact, at));
    }
    JournalReader journal{path};
    std::int64_t offset = 0;
    for (bool more = true; more;) {
        const auto batch = read_batch(journal, offset, lease.job, 1);  // a record at a time
        EXPECT_FALSE(batch.empty());
        store(batch);
        offset = batch.next;
        more = batch.more;
    }
    const auto kept = Artifacts{lab.reader()}.find(lease.job, "0_out.wav");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->size, static_cast<std::int64_t>(sound.size()));
}

TEST_F(IngestTest, TheOutcomeIsSeenAgainUntilTheLeaseIsClosed) {
    write_journal(true);
    JournalReader journal{path};
    const auto batch = read_batch(journal, 0, lease.job);
    EXPECT_TRUE(batch.running);
    EXPECT_EQ(batch.lines.size(), 11U);
    ASSERT_TRUE(batch.outcome);
    EXPECT_FALSE(batch.outcome->passed);
    EXPECT_EQ(batch.outcome->error_type, "Job");
    EXPECT_EQ(batch.outcome->error_msg, "no such kernel");
    const auto again = read_batch(journal, batch.next, lease.job);
    EXPECT_TRUE(again.outcome);
    EXPECT_TRUE(again.empty());
}

TEST_F(IngestTest, SmallBatchesGiveTheSameRowsAsOneLargeOne) {
    write_journal(false);
    JournalReader journal{path};
    std::int64_t offset = 0;
    int batches = 0;
    for (bool more = true; more; ++batches) {
        const auto batch = read_batch(journal, offset, lease.job, 100);
        store(batch);
        more = batch.more;
        offset = batch.next;
    }
    EXPECT_GT(batches, 3);
    EXPECT_EQ(Logs{lab.reader()}.line_count(lease.job), 11);
    EXPECT_EQ(Results{lab.reader()}.tests(lease.job, {}, {}).size(), 1U);
    EXPECT_EQ(Jobs{lab.reader()}.find(lease.job)->state, JobState::running);
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-01")->state, DeviceState::running);
    EXPECT_EQ(Leases{lab.reader()}.find(lease.id)->journal_offset, offset);
    EXPECT_EQ(Leases{lab.reader()}.find(lease.id)->phase, LeaseRow::Phase::running);
}

TEST_F(IngestTest, MessagesAreToldAndStandInTheLogAsDebug) {
    {
        auto journal = JournalWriter::create(path, {lease.id, lease.job, lease.fence});
        const auto add = [&journal](LogLevel level, const std::string& text) {
            std::string line;
            append_log_record(line, wall_now(), level, text);
            journal.append(RecordKind::log, line);
        };
        add(LogLevel::event, "half \"way\"");
        add(LogLevel::target, R"("lvl": "event")");
        for (int i = 0; i < 60; ++i) add(LogLevel::event, "again");
    }
    std::vector<std::string> told;
    lab.store->on_changes([&told](const std::vector<Change>& changes) {
        for (const auto& change : changes)
            if (const auto* message = std::get_if<JobMessage>(&change)) told.push_back(message->text);
    });
    JournalReader reader{path};
    store(read_batch(reader, 0, lease.job));
    ASSERT_EQ(told.size(), 50U) << "an author who says more fills only the log";
    EXPECT_EQ(told[0], "half \"way\"");
    const auto log = Logs{lab.reader()}.read(lease.job, 0, {});
    EXPECT_NE(log.find(R"("lvl": "debug", "msg": "half \"way\""})"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("lvl": "target", "msg": "\"lvl\": \"event\""})"), std::string::npos) << log;
    EXPECT_EQ(log.find(R"("lvl": "event")"), std::string::npos) << "no client knows that word";
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 62);
}

TEST_F(IngestTest, ABatchOfALostLeaseStoresNothing) {
    write_journal(false);
    JournalReader journal{path};
    const auto batch = read_batch(journal, 0, lease.job);
    auto old = lease;
    old.fence.value -= 1;
    auto write = [old, batch](Database& db) { store_batch(db, old, batch, wall_now()); };
    EXPECT_THROW(lab.write(write), LeaseLost);
    EXPECT_EQ(Logs{lab.reader()}.line_count(lease.job), 0);
    EXPECT_EQ(Jobs{lab.reader()}.find(lease.job)->state, JobState::scheduled);
}

TEST_F(IngestTest, AResultThatCannotBeReadIsALineAndAComment) {
    IngestBatch batch;
    add_result(batch, "{broken", lease.job);
    add_result(batch, R"({"dt": "x", "lvl": "results", "msg": {"case": "t"}})", lease.job);
    add_result(batch, R"({"dt": "x", "lvl": "results"})", lease.job);
    EXPECT_EQ(batch.lines.size(), 3U);
    EXPECT_TRUE(batch.cases.empty());
    EXPECT_FALSE(batch.comments.empty());
    store(batch);
    EXPECT_TRUE(Jobs{lab.reader()}.find(lease.job)->failure_comment);
}

TEST_F(IngestTest, ClosingIsOneStepAndHappensOnce) {
    IngestBatch last;
    add_ending(last, "Infrastructure", "the relay is gone", lease.job, wall_now());
    auto close = [this, last](Database& db) { close_lease(db, lease, last, *last.outcome, wall_now()); };
    lab.write(close);
    EXPECT_EQ(Jobs{lab.reader()}.find(lease.job)->state, JobState::finished);
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-01")->state, DeviceState::idle);
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-01")->health, DeviceHealth::unknown);
    const auto verdict = Results{lab.reader()}.job_verdict(lease.job);
    ASSERT_TRUE(verdict);
    EXPECT_NE(verdict->metadata.find("the relay is gone"), std::string::npos);
    const auto count = Logs{lab.reader()}.line_count(lease.job);
    EXPECT_THROW(lab.write(close), LeaseLost);
    EXPECT_EQ(Logs{lab.reader()}.line_count(lease.job), count) << "rolled back";
}

}  // namespace
}  // namespace patchbay
