// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/journal.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/errors.hpp"
#include "jobs/journal/crc32c.hpp"
#include "jobs/journal/journal_reader.hpp"
#include "jobs/journal/journal_writer.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Tail = JournalReader::Tail;

const JournalHeader header{LeaseId{7}, JobId{42}, Fence{12}};

std::vector<std::string> payloads(const JournalReader::Batch& batch) {
    std::vector<std::string> all;
    for (const auto& record : batch.records) all.emplace_back(record.payload);
    return all;
}

std::uint64_t first_end_of(const std::filesystem::path& path) {
    JournalReader reader{path};
    return reader.read(0).records.at(0).end;
}

class JournalTest : public ::testing::Test {
protected:
    std::string error_of(auto function) {
        try {
            function();
        } catch (const std::exception& error) {
            return error.what();
        }
        return "no error";
    }

    TemporaryFolder folder;
    std::filesystem::path path = folder / "journal";
};

TEST(Crc32c, GivesTheValuesOfItsStandard) {
    EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
    EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283u);
}

TEST_F(JournalTest, WhatWasWrittenIsReadBack) {
    {
        auto writer = JournalWriter::create(path, header);
        writer.append(RecordKind::state, R"({"state": "running"})");
        writer.append(RecordKind::log, "one");
        writer.append(RecordKind::result, "two");
        writer.append(RecordKind::outcome, R"({"result": "pass"})");
    }
    JournalReader reader{path};
    EXPECT_EQ(reader.header(), header);
    const auto batch = reader.read(0);
    EXPECT_THAT(payloads(batch), ElementsAre(R"({"state": "running"})", "one", "two", R"({"result": "pass"})"));
    EXPECT_EQ(batch.records[2].kind, RecordKind::result);
    EXPECT_EQ(batch.tail, Tail::end);
    EXPECT_EQ(batch.next, std::filesystem::file_size(path));
    EXPECT_TRUE(reader.read(batch.next).records.empty());
}

TEST_F(JournalTest, ReadsOnFromAnyRecordsEnd) {
    auto writer = JournalWriter::create(path, header);
    for (const auto* text : {"a", "bb", "ccc"}) writer.append(RecordKind::log, text);
    writer.flush();
    JournalReader reader{path};
    const auto first = reader.read(0);
    const auto end = first.records[0].end;
    EXPECT_THAT(payloads(reader.read(end)), ElementsAre("bb", "ccc"));
}

TEST_F(JournalTest, IsReadWhileItIsBeingWritten) {
    auto writer = JournalWriter::create(path, header);
    JournalReader reader{path};
    std::uint64_t offset = 0;
    for (int i = 0; i < 100; ++i) {
        writer.append(RecordKind::log, std::to_string(i));
        writer.flush();
        const auto batch = reader.read(offset);
        ASSERT_THAT(payloads(batch), ElementsAre(std::to_string(i)));
        ASSERT_EQ(batch.next, writer.size());
        offset = batch.next;
    }
}

TEST_F(JournalTest, ATornTailIsLeftOutAtWhateverByteItWasTorn) {
    {
        auto writer = JournalWriter::create(path, header);
        for (const auto* text : {"first", "", "the third record"}) writer.append(RecordKind::log, text);
    }
    const auto whole = read_file(path);
    JournalReader all_reader{path};
    const auto all = all_reader.read(0);
    ASSERT_EQ(all.records.size(), 3u);
    for (std::size_t size = journal_header_size; size < whole.size(); ++size) {
        write_file(path, std::string_view{whole}.substr(0, size));
        JournalReader reader{path};
        const auto batch = reader.read(0);
        std::size_t expected = 0;
        while (all.records[expected].end <= size) ++expected;
        ASSERT_EQ(batch.records.size(), expected) << size;
        ASSERT_EQ(batch.next, expected == 0 ? JournalReader::first_offset : all.records[expected - 1].end);
        ASSERT_EQ(batch.torn(), batch.next != size) << size;

        auto writer = JournalWriter::resume(path, header);
        EXPECT_EQ(std::filesystem::file_size(path), batch.next);
        writer.append(RecordKind::log, "after");
        writer.flush();
        const auto again = reader.read(0);
        ASSERT_EQ(again.records.size(), expected + 1) << size;
        ASSERT_EQ(again.records.back().payload, "after");
        ASSERT_FALSE(again.torn());
    }
}

TEST_F(JournalTest, AHeaderThatIsNotWholeIsAnErrorThatNamesTheFile) {
    { JournalWriter::create(path, header); }
    const auto whole = read_file(path);
    for (std::size_t size = 0; size < journal_header_size; ++size) {
        write_file(path, whole.substr(0, size));
        EXPECT_THAT(error_of([&] { JournalReader{path}; }), HasSubstr(path.string() + ": no journal")) << size;
    }
}

TEST_F(JournalTest, AFlippedBitEndsTheJournalBeforeItsRecord) {
    {
        auto writer = JournalWriter::create(path, header);
        for (const auto* text : {"first", "second"}) writer.append(RecordKind::log, text);
    }
    const auto whole = read_file(path);
    const auto first_end = first_end_of(path);
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        auto damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        write_file(path, damaged);
        if (bit / 8 < journal_header_size) {
            EXPECT_THROW(JournalReader{path}, InfrastructureError) << bit;
            continue;
        }
        JournalReader batch_reader{path};
        const auto batch = batch_reader.read(0);
        ASSERT_EQ(batch.records.size(), bit / 8 < first_end ? 0u : 1u) << bit;
        ASSERT_TRUE(batch.torn()) << bit;
    }
}

TEST_F(JournalTest, AJournalOfALaterVersionIsRefused) {
    auto bytes = encode(header);
    bytes[4] = 2;
    bytes.resize(bytes.size() - 4);
    const auto sum = crc32c(bytes);
    bytes.append(reinterpret_cast<const char*>(&sum), 4);
    write_file(path, bytes);
    EXPECT_THAT(error_of([&] { JournalReader{path}; }), HasSubstr("journal of version 2, this program reads 1"));
}

TEST_F(JournalTest, OnlyOneProcessWrites) {
    auto writer = JournalWriter::create(path, header);
    EXPECT_THAT(error_of([&] { JournalWriter::resume(path, header); }), HasSubstr("another process is writing"));
    EXPECT_THAT(error_of([&] { JournalWriter::create(path, header); }), HasSubstr("File exists"));
}

TEST_F(JournalTest, AnotherLeasesJournalIsNotContinued) {
    { JournalWriter::create(path, header); }
    const JournalHeader other{LeaseId{8}, JobId{42}, Fence{13}};
    EXPECT_THAT(error_of([&] { JournalWriter::resume(path, other); }),
                HasSubstr("this is the journal of lease 7, not of lease 8"));
}

TEST_F(JournalTest, TheLargestRecordIsReadThoughItIsOverTheReadersLimit) {
    const std::string large(max_record_payload, 'x');
    auto writer = JournalWriter::create(path, header);
    writer.append(RecordKind::log, "before");
    writer.append(RecordKind::log, large);
    writer.append(RecordKind::log, "after");
    writer.flush();
    JournalReader reader{path};
    auto batch = reader.read(0, 1000);
    EXPECT_THAT(payloads(batch), ElementsAre("before"));
    EXPECT_EQ(batch.tail, Tail::more);
    batch = reader.read(batch.next, 1000);
    ASSERT_GE(batch.records.size(), 1u);
    EXPECT_EQ(batch.records[0].payload, large);
}

TEST_F(JournalTest, ARecordOverTheLimitIsRefused) {
    auto writer = JournalWriter::create(path, header);
    EXPECT_THROW(writer.append(RecordKind::log, std::string(max_record_payload + 1, 'x')), LavaBug);
    writer.append(RecordKind::log, "still alive");
    writer.flush();
    JournalReader reader{path};
    EXPECT_THAT(payloads(reader.read(0)), ElementsAre("still alive"));
}

TEST_F(JournalTest, NothingFollowsTheOutcome) {
    {
        auto writer = JournalWriter::create(path, header);
        writer.append(RecordKind::outcome, "{}");
        EXPECT_THROW(writer.append(RecordKind::log, "x"), LavaBug);
    }
    auto writer = JournalWriter::resume(path, header);
    EXPECT_THROW(writer.append(RecordKind::log, "x"), LavaBug);
}

/// Writes numbered records for ever, and tells through `ready` each time that seven more were handed over.
[[noreturn]] void write_for_ever(const std::filesystem::path& path, int ready) {
    auto writer = JournalWriter::create(path, header);
    for (int i = 0;; ++i) {
        const auto kind = i % 50 == 49 ? RecordKind::state : i % 10 == 9 ? RecordKind::result : RecordKind::log;
        writer.append(kind, std::to_string(i) + std::string(static_cast<std::size_t>(i) % 300, 'x'));
        if (i % 7 != 6) continue;
        writer.flush();
        if (::write(ready, "7", 1) != 1) ::_exit(1);
    }
}

TEST_F(JournalTest, OfAKilledWriterHoldsAllThatWasHandedOverAndCanBeContinued) {
    for (int round = 0; round < 10; ++round) {
        const auto journal = folder / ("journal-" + std::to_string(round));
        int ready[2];
        ASSERT_EQ(::pipe(ready), 0);
        const auto child = ::fork();
        if (child == 0) write_for_ever(journal, ready[1]);
        for (int i = 0; i <= 4 * round; ++i) {
            char byte = 0;
            ASSERT_EQ(::read(ready[0], &byte, 1), 1);
        }
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        ::close(ready[0]);
        ::close(ready[1]);

        JournalReader reader{journal};
        const auto before = reader.read(0, 100'000'000);
        ASSERT_GE(before.records.size(), 7u * (4u * static_cast<unsigned>(round) + 1u));
        for (std::size_t i = 0; i < before.records.size(); ++i) {
            ASSERT_EQ(std::stoul(std::string{before.records[i].payload}), i);
        }
        const auto whole = before.records.size();
        {
            auto writer = JournalWriter::resume(journal, header);
            writer.append(RecordKind::outcome, R"({"result": "fail"})");
        }
        const auto after = reader.read(0, 100'000'000);
        ASSERT_EQ(after.records.size(), whole + 1);
        ASSERT_EQ(after.records.back().kind, RecordKind::outcome);
        ASSERT_EQ(after.tail, Tail::end);
    }
}

TEST_F(JournalTest, HoldsAMillionLines) {
    constexpr int count = 1'000'000;
    auto writer = JournalWriter::create(path, header);
    std::string line;
    for (int i = 0; i < count; ++i) {
        line = "line ";
        line += std::to_string(i);
        writer.append(RecordKind::log, line);
    }
    writer.flush();
    JournalReader reader{path};
    std::uint64_t offset = 0;
    int seen = 0;
    for (Tail tail = Tail::more; tail == Tail::more;) {
        const auto batch = reader.read(offset);
        for (const auto& record : batch.records) {
            line = "line ";
            line += std::to_string(seen++);
            ASSERT_EQ(record.payload, line);
        }
        offset = batch.next;
        tail = batch.tail;
    }
    EXPECT_EQ(seen, count);
    EXPECT_EQ(offset, writer.size());
}

}  // namespace
}  // namespace patchbay
