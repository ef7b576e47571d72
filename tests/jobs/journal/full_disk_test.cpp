// SPDX-License-Identifier: Apache-2.0
// A full disk, as it is: a small tmpfs (needs root), or a limit on the size of files.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cstring>

#include "core/errors.hpp"
#include "jobs/journal/journal_reader.hpp"
#include "jobs/journal/journal_writer.hpp"
#include "jobs/journal/log_record.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"

namespace patchbay {
namespace {

const JournalHeader header{LeaseId{7}, JobId{42}, Fence{12}};

class FullDiskTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, "size=1m") != 0) {
            GTEST_SKIP() << "cannot mount a small tmpfs here: " << std::strerror(errno);
        }
        mounted = true;
    }
    void TearDown() override {
        if (mounted) ::umount2(folder.path.c_str(), MNT_DETACH);
    }

    /// Appends lines until the writer says that the disk is full.
    std::string fill(JournalWriter& writer) {
        const std::string line(1000, 'x');
        for (int i = 0; i < 5000; ++i) {
            try {
                writer.append(RecordKind::log, line);
                writer.flush();
            } catch (const InfrastructureError& error) {
                return error.what();
            }
        }
        return "never full";
    }

    TemporaryFolder folder;
    std::filesystem::path path = folder / "journal";
    bool mounted = false;
};

TEST_F(FullDiskTest, TheOutcomeIsStillWritten) {
    auto writer = JournalWriter::create(path, header);
    EXPECT_THAT(fill(writer), ::testing::HasSubstr("the disk of the lease folder is full"));
    // The rest of the disk is taken by others, too.
    write_file(folder / "others", std::string(2 * 1024 * 1024, 'y'));

    // The job ends: its farewell lines are dropped, its results and its outcome are kept.
    writer.append(RecordKind::log, "Cleaning after the job");
    writer.append(RecordKind::result, "job fail");
    writer.append(RecordKind::state, "ending");
    std::string outcome;
    append_fail_record(outcome, "Infrastructure", std::string(100'000, '\x01'));
    writer.append(RecordKind::outcome, outcome);
    EXPECT_GT(writer.dropped(), 0u);

    JournalReader reader{path};
    const auto batch = reader.read(0, 8 * 1024 * 1024);
    ASSERT_GT(batch.records.size(), 3u);
    EXPECT_FALSE(batch.torn());
    const auto last = batch.records.end();
    EXPECT_EQ((last - 3)->payload, "job fail");
    EXPECT_EQ((last - 2)->payload, "ending");
    EXPECT_EQ((last - 1)->payload, outcome);
}

TEST_F(FullDiskTest, TheCallerIsToldOnceAndLinesAreCountedAfterwards) {
    auto writer = JournalWriter::create(path, header);
    fill(writer);
    const auto dropped = writer.dropped();
    for (int i = 0; i < 10; ++i) writer.append(RecordKind::log, "farewell");
    writer.flush();
    EXPECT_EQ(writer.dropped(), dropped + 10);
}

TEST_F(FullDiskTest, AFloodOfResultsLeavesRoomForTheOutcome) {
    auto writer = JournalWriter::create(path, header);
    fill(writer);
    for (int i = 0; i < 1000; ++i) {
        writer.append(RecordKind::result, std::string(1000, 'r'));
        writer.flush();
    }
    writer.append(RecordKind::outcome, std::string(JournalWriter::outcome_reserve - 100, 'o'));
    JournalReader reader{path};
    EXPECT_EQ(reader.read(0, 8 * 1024 * 1024).records.back().kind, RecordKind::outcome);
}

TEST_F(FullDiskTest, LinesGoOnWhenThereIsRoomAgain) {
    write_file(folder / "others", std::string(512 * 1024, 'y'));
    auto writer = JournalWriter::create(path, header);
    fill(writer);
    std::filesystem::remove(folder / "others");
    writer.append(RecordKind::result, "result");
    writer.flush();
    writer.append(RecordKind::log, "line");
    writer.flush();
    JournalReader reader{path};
    EXPECT_EQ(reader.read(0, 8 * 1024 * 1024).records.back().payload, "line");
}

TEST_F(FullDiskTest, NoJournalBeginsWithoutItsReserve) {
    write_file(folder / "others", std::string(2 * 1024 * 1024, 'y'));
    EXPECT_THROW(JournalWriter::create(path, header), InfrastructureError);
}

TEST(FileSizeLimit, ALimitOnFileSizesIsAFullDiskAndLeavesNoHalfRecord) {
    TemporaryFolder folder;
    const auto path = folder / "journal";
    auto writer = JournalWriter::create(path, header);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 10'000;
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    bool told = false;
    for (int i = 0; i < 100 && !told; ++i) {
        try {
            writer.append(RecordKind::log, std::string(777, 'x'));
            writer.flush();
        } catch (const InfrastructureError&) {
            told = true;
        }
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, old_handler);
    EXPECT_TRUE(told);
    writer.append(RecordKind::outcome, "{}");
    JournalReader batch_reader{path};
    const auto batch = batch_reader.read(0);
    EXPECT_FALSE(batch.torn());
    EXPECT_EQ(batch.records.back().payload, "{}");
}

}  // namespace
}  // namespace patchbay
