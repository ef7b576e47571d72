// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/logs.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LogsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    JobId job = lab.add_job(a_job(alice));

    std::int64_t append(std::vector<std::string> records) {
        auto write = [this, records](Database& db) { return Logs{db}.append(job, records); };
        return lab.write(std::move(write));
    }
    static std::string joined(const std::vector<std::string>& records, std::size_t from, std::size_t to) {
        std::string out;
        for (std::size_t i = from; i < std::min(to, records.size()); ++i) out += "- " + records[i] + "\n";
        return out;
    }
    std::int64_t chunks() {
        auto row = lab.reader().run("SELECT COUNT(*) FROM log_chunk WHERE job = $1", job);
        row->step();
        return row->integer(0);
    }
};

TEST_F(LogsTest, AJobWithoutALogHasNoLines) {
    Logs logs{lab.reader()};
    EXPECT_EQ(logs.line_count(job), 0);
    EXPECT_EQ(logs.read(job), "");
    EXPECT_EQ(logs.read(JobId{99}, 3, 7), "");
}

TEST_F(LogsTest, LinesKeepTheirNumbersAcrossBatches) {
    EXPECT_EQ(append({R"({"a": 0})", R"({"a": 1})"}), 0);
    EXPECT_EQ(append({}), 2);
    EXPECT_EQ(append({R"({"a": 2})"}), 2);
    Logs logs{lab.reader()};
    EXPECT_EQ(logs.line_count(job), 3);
    EXPECT_EQ(logs.read(job), "- {\"a\": 0}\n- {\"a\": 1}\n- {\"a\": 2}\n");
    EXPECT_EQ(chunks(), 1) << "the last chunk grows in place";
}

TEST_F(LogsTest, EverySliceAtEveryBoundaryIsWhatTheWholeLogSays) {
    // Lines of about 8 KiB: a chunk is sealed after nine of them.
    std::vector<std::string> records;
    for (int i = 0; i < 40; ++i)
        records.push_back(std::to_string(i) + std::string(8000, static_cast<char>('a' + i % 26)));
    for (std::size_t at = 0; at < records.size(); at += 7)
        append({records.begin() + static_cast<std::ptrdiff_t>(at),
                records.begin() + static_cast<std::ptrdiff_t>(std::min(at + 7, records.size()))});
    EXPECT_GE(chunks(), 4);
    LogCache cache{2};
    Logs cached{lab.reader(), &cache};
    Logs plain{lab.reader()};
    for (std::size_t start = 0; start <= records.size() + 1; ++start) {
        for (std::size_t end = start; end <= records.size() + 1; ++end) {
            const auto s = static_cast<std::int64_t>(start), e = static_cast<std::int64_t>(end);
            const auto expected = joined(records, start, end);
            ASSERT_EQ(cached.read(job, s, e), expected) << start << ".." << end;
            if (end % 5 == 0) {
                ASSERT_EQ(plain.read(job, s, e), expected) << start << ".." << end;
            }
        }
        ASSERT_EQ(cached.read(job, static_cast<std::int64_t>(start)), joined(records, start, records.size()));
    }
    EXPECT_EQ(cached.read(job, 5, 3), "");
    EXPECT_LE(cache.size(), 2U);
}

TEST_F(LogsTest, ASealedChunkIsNeverRewritten) {
    append({std::string(Logs::chunk_bytes, 'x')});
    const auto before = [&] {
        auto row = lab.reader().run("SELECT data FROM log_chunk WHERE job = $1 AND first_line = 0", job);
        row->step();
        return std::string{row->blob(0)};
    };
    const auto sealed = before();
    EXPECT_LT(sealed.size(), 1000U) << "compressed";
    append({"y"});
    EXPECT_EQ(before(), sealed);
    EXPECT_EQ(Logs{lab.reader()}.read(job, 1), "- y\n");
    EXPECT_EQ(Logs{lab.reader()}.line_count(job), 2);
}

TEST_F(LogsTest, LogsOfDifferentJobsDoNotMix) {
    const auto other = lab.add_job(a_job(alice));
    append({"mine"});
    auto write = [other](Database& db) {
        const std::vector<std::string> records{"theirs"};
        return Logs{db}.append(other, records);
    };
    EXPECT_EQ(lab.write(write), 0);
    EXPECT_EQ(Logs{lab.reader()}.read(job), "- mine\n");
    EXPECT_EQ(Logs{lab.reader()}.read(other), "- theirs\n");
}

TEST_F(LogsTest, AJobThatIsDeletedTakesItsLogWithIt) {
    append({"mine"});
    auto remove = [this](Database& db) { db.change("DELETE FROM job WHERE id = $1", job); };
    lab.write(remove);
    EXPECT_EQ(Logs{lab.reader()}.line_count(job), 0);
}

TEST_F(LogsTest, ADamagedChunkIsReportedAndNotReturned) {
    append({std::string(Logs::chunk_bytes, 'x')});
    auto damage = [](Database& db) { db.change("UPDATE log_chunk SET data = x'00112233'"); };
    lab.write(damage);
    EXPECT_THROW(Logs{lab.reader()}.read(job), StoreError);
}

}  // namespace
}  // namespace patchbay
