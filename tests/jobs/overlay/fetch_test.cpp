// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/fetch.hpp"

#include <gmock/gmock.h>

#include "core/errors.hpp"
#include "tests/jobs/overlay/scratch.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

/// A real repository of this host.
class FetchTest : public ScratchTest {
protected:
    void SetUp() override {
        ScratchTest::SetUp();
        const auto said = tool(
            "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a "
            "GIT_COMMITTER_EMAIL=a@b; git init -q -b main repo && cd repo && echo one > t.yaml && git add . && git "
            "commit -qm 1 && "
            "git tag first && echo two > t.yaml && git commit -qam 2 && git checkout -q -b side && echo side > t.yaml "
            "&& git "
            "commit -qam 3 && git checkout -q main");
        ASSERT_EQ(said, "");
    }
    GitClone request() {
        GitClone clone;
        clone.url = "file://" + (root / "repo").string();
        clone.directory = root / "work/tests/0_x";
        clone.pause = std::chrono::milliseconds{1};
        clone.tries = 2;
        clone.log = [this](LogLevel, const std::string& line) { log.push_back(line); };
        return clone;
    }
    std::string clone(GitClone clone) {
        return testing::run(io, clone_repository(std::move(clone), Deadline::in(1min)));
    }
    std::string commit(const std::string& name) {
        auto text = tool("git -C repo rev-parse " + name);
        text.pop_back();
        return text;
    }

    asio::io_context io;
    std::vector<std::string> log;
};

TEST_F(FetchTest, ClonesTheNewestCommitOnly) {
    EXPECT_EQ(clone(request()), commit("main"));
    EXPECT_EQ(read("work/tests/0_x/t.yaml"), "two\n");
    EXPECT_EQ(tool("git -C work/tests/0_x rev-list --count HEAD"), "1\n");
    EXPECT_EQ(log, std::vector<std::string>{"Running '/usr/bin/git clone --depth=1 " + request().url + " " +
                                            request().directory.string() + "'"});
}

TEST_F(FetchTest, ClonesABranchWithItsHistory) {
    auto wanted = request();
    wanted.branch = "side";
    wanted.shallow = false;
    EXPECT_EQ(clone(wanted), commit("side"));
    EXPECT_EQ(tool("git -C work/tests/0_x rev-list --count HEAD"), "3\n");
    EXPECT_EQ(log.front(), "Running '/usr/bin/git clone -b side " + wanted.url + " " + wanted.directory.string() + "'");
}

TEST_F(FetchTest, ChecksOutARevision) {
    auto wanted = request();
    wanted.revision = commit("first");
    EXPECT_EQ(clone(wanted), commit("first"));
    EXPECT_EQ(read("work/tests/0_x/t.yaml"), "one\n");
}

TEST_F(FetchTest, LeavesTheHistoryBehindWhenAsked) {
    auto wanted = request();
    wanted.history = false;
    clone(wanted);
    EXPECT_FALSE(std::filesystem::exists(root / "work/tests/0_x/.git"));
}

TEST_F(FetchTest, FillsInSecrets) {
    auto wanted = request();
    wanted.url = "file://$TOP/${NAME}";
    wanted.secrets = {{"TOP", root.string()}, {"NAME", "repo"}};
    EXPECT_EQ(clone(wanted), commit("main"));
    EXPECT_EQ(log.front().find(root.string() + "/repo"), std::string::npos) << "the log shows the name, not the secret";
}

TEST_F(FetchTest, SaysWhichRepositoryCannotBeFetched) {
    auto wanted = request();
    wanted.url = "file://" + (root / "nowhere").string();
    try {
        clone(wanted);
        ADD_FAILURE();
    } catch (const InfrastructureError& error) {
        EXPECT_EQ(error.what(), "Unable to fetch git repository '" + wanted.url + "'");
    }
    wanted = request();
    wanted.branch = "no-such-branch";
    EXPECT_THROW(clone(wanted), InfrastructureError);
}

TEST_F(FetchTest, GivesGitNoOptionsAndNoForeignTransports) {
    auto wanted = request();
    wanted.url = "--upload-pack=touch " + (root / "owned").string();
    EXPECT_THROW(clone(wanted), JobError);
    wanted = request();
    wanted.url = "$REPOSITORY";
    wanted.secrets = {{"REPOSITORY", "--upload-pack=touch " + (root / "owned").string()}};
    EXPECT_THROW(clone(wanted), InfrastructureError);
    EXPECT_THAT(log, ::testing::Contains(::testing::HasSubstr("repository '--upload-pack=touch")));
    wanted = request();
    wanted.url = "ext::sh -c touch% " + (root / "owned").string();
    EXPECT_THROW(clone(wanted), InfrastructureError);
    wanted = request();
    wanted.revision = "--orphan=x";
    EXPECT_THROW(clone(wanted), JobError);
    EXPECT_FALSE(std::filesystem::exists(root / "owned"));
}

}  // namespace
}  // namespace patchbay
