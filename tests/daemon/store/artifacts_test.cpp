// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/artifacts.hpp"

#include <gtest/gtest.h>

#include "daemon/store/old_jobs.hpp"
#include "jobs/journal/artifact.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

struct ArtifactsTest : ::testing::Test {
    TemporaryStore lab;
    JobId job = lab.add_job(a_job(lab.add_user("alice")));

    void add(const std::string& name, const std::string& bytes, std::uint64_t at = 0) {
        auto write = [this, payload = encode_artifact_piece({name, "audio/wav", bytes}, at)](Database& db) {
            Artifacts{db}.add(job, payload);
        };
        lab.write(std::move(write));
    }
    std::optional<ArtifactRow> find(const std::string& name) { return Artifacts{lab.reader()}.find(job, name); }
    std::string content(const std::string& name) {
        std::string bytes;
        while (const auto piece =
                   Artifacts{lab.reader()}.piece(find(name)->id, static_cast<std::int64_t>(bytes.size())))
            bytes += *piece;
        return bytes;
    }
    std::vector<std::string> names() {
        std::vector<std::string> all;
        for (const auto& row : Artifacts{lab.reader()}.list(job)) all.push_back(row.name);
        return all;
    }
};

using Names = std::vector<std::string>;

TEST_F(ArtifactsTest, AreThereWhenTheyAreWhole) {
    const std::string large(artifact_piece_bytes + 10, '\1');
    add("b.wav", large);
    EXPECT_EQ(names(), Names{});
    EXPECT_FALSE(find("b.wav"));
    add("b.wav", large, artifact_piece_bytes);
    add("a.wav", std::string("\0x", 2));
    EXPECT_EQ(names(), (Names{"a.wav", "b.wav"}));
    EXPECT_EQ(content("b.wav"), large);
    EXPECT_EQ(content("a.wav"), std::string("\0x", 2));
    EXPECT_EQ(find("a.wav")->type, "audio/wav");
    EXPECT_FALSE(find("c.wav"));
}

TEST_F(ArtifactsTest, ALaterOneTakesThePlaceOfAnEarlierOne) {
    add("a.wav", "first try");
    const auto first = find("a.wav")->id;
    add("a.wav", "second");
    EXPECT_FALSE(Artifacts{lab.reader()}.piece(first, 0)) << "who reads the first one gets nothing of the second";
    EXPECT_EQ(names(), Names{"a.wav"});
    EXPECT_EQ(content("a.wav"), "second");
    EXPECT_EQ(find("a.wav")->size, 6);
}

TEST_F(ArtifactsTest, WhatIsNoPieceIsIgnored) {
    auto write = [this](Database& db) { Artifacts{db}.add(job, "nonsense"); };
    lab.write(std::move(write));
    add("a.wav", std::string(artifact_piece_bytes + 1, 'x'), artifact_piece_bytes);  // its beginning never came
    EXPECT_EQ(names(), Names{});
}

TEST_F(ArtifactsTest, GoWithTheirJob) {
    const std::string large(10 * artifact_piece_bytes, 'x');
    for (std::uint64_t at = 0; at < large.size(); at += artifact_piece_bytes) add("a.wav", large, at);
    auto end = [this](Database& db) {
        db.change("UPDATE job SET state = 5 WHERE id = $1", job);
        int pieces = 0;
        while (OldJobs{db}.remove_piece(job)) ++pieces;
        return pieces;
    };
    EXPECT_GE(lab.write(std::move(end)), 1) << "in pieces";
    EXPECT_EQ(names(), Names{});
    auto left = lab.reader().run("SELECT count(*) FROM artifact_piece");
    left->step();
    EXPECT_EQ(left->integer(0), 0);
}

}  // namespace
}  // namespace patchbay
