// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/audit.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AuditTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    Audit audit{lab.reader()};

    void record(const Deed& deed, std::int64_t second = 0) {
        auto work = [deed, second](Database& db) { Audit{db}.record(deed, WallTime{std::chrono::seconds{second}}); };
        lab.write(std::move(work));
    }
};

TEST_F(AuditTest, TheNewestDeedComesFirstAndPagesGoOn) {
    record({"alice", "job.submit", "1", ""}, 10);
    record({"bob", "job.cancel", "1", "changed my mind"}, 20);
    record({"alice", "device.health", "board-01", "Maintenance"}, 30);
    EXPECT_EQ(audit.count({}), 3);
    const auto all = audit.list({});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].deed.object, "board-01");
    EXPECT_EQ(all[1].deed.detail, "changed my mind");
    EXPECT_EQ(all[1].when, WallTime{std::chrono::seconds{20}});
    EXPECT_EQ(audit.list({.limit = 1, .offset = 2}).at(0).deed.action, "job.submit");
    EXPECT_EQ(audit.count({.who = "alice"}), 2);
    EXPECT_EQ(audit.count({.who = "alice", .action = "job.submit"}), 1);
    EXPECT_EQ(audit.list({.object = "1"}).size(), 2U);
}

TEST_F(AuditTest, ADeedThatFailsLeavesNoTrace) {
    auto work = [](Database& db) {
        Audit{db}.record({"alice", "user.add", "alice", ""}, wall_now());
        Users{db}.add("no good name", false, wall_now());
    };
    EXPECT_THROW(lab.write(std::move(work)), JobError);
    EXPECT_EQ(audit.count({}), 0);
}

TEST_F(AuditTest, OldDeedsGoInPiecesAndALongDetailIsCut) {
    auto many = [](Database& db) {
        for (int i = 0; i < 700; ++i) Audit{db}.record({"a", "b", "c", std::string(5000, 'x')}, WallTime{} + 10s);
        Audit{db}.record({"a", "b", "new", ""}, WallTime{} + 20s);
    };
    lab.write(many);
    EXPECT_EQ(audit.list({.limit = 1, .offset = 1}).at(0).deed.detail.size(), 1000U);
    auto piece = [](Database& db) { return Audit{db}.remove_piece(WallTime{} + 15s); };
    EXPECT_TRUE(lab.write(piece));
    EXPECT_EQ(audit.count({}), 201);
    EXPECT_FALSE(lab.write(piece));
    EXPECT_EQ(audit.list({}).at(0).deed.object, "new");
    EXPECT_EQ(audit.count({}), 1);
}

}  // namespace
}  // namespace patchbay
