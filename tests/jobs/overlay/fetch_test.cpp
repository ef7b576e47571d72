// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/fetch.hpp"

#include <gmock/gmock.h>

#include <mutex>

#include "core/errors.hpp"
#include "tests/jobs/download/http_server.hpp"
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
        clone.allowed_file_paths = {root};
        clone.addresses = AddressPolicy{{"127.0.0.1"}};
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
    const auto command = "touch " + (root / "owned").string();
    auto wanted = request();
    wanted.secrets = {{"REPOSITORY", "--upload-pack=" + command}};
    for (const auto& url :
         {"--upload-pack=" + command, std::string{"$REPOSITORY"}, "-u" + command, "ext::sh -c " + command,
          "ssh://-oProxyCommand=" + command + "/x", "http://me:x@h.helper=!" + command + ";/x"}) {
        wanted.url = url;
        EXPECT_THROW(clone(wanted), Error) << url;
    }
    wanted = request();
    wanted.revision = "--orphan=x";
    EXPECT_THROW(clone(wanted), JobError);
    EXPECT_FALSE(std::filesystem::exists(root / "owned"));
}

TEST_F(FetchTest, ClonesRepositoriesOfThisHostOnlyFromAllowedFolders) {
    auto wanted = request();
    wanted.url = (root / "repo").string();
    EXPECT_EQ(clone(wanted), commit("main")) << "a path is as good as its url";
    wanted.allowed_file_paths = {root / "public"};
    std::filesystem::create_directories(root / "public");
    std::filesystem::create_symlink(root / "repo", root / "public/link");
    const auto public_folder = (root / "public").string();
    for (const auto& url : {"file://" + (root / "repo").string(), (root / "repo").string(), public_folder + "/../repo",
                            public_folder + "/link", "file://" + public_folder + "/link"}) {
        wanted.url = url;
        try {
            clone(wanted);
            ADD_FAILURE() << url;
        } catch (const JobError& error) {
            EXPECT_THAT(error.what(), ::testing::HasSubstr("is not below a folder that jobs may read here; "
                                                           "'allowed_file_paths' in lab.yaml lists them"));
        }
    }
    wanted.url = "file://" + public_folder + "/%2e%2e/repo";  // git undoes percent signs
    EXPECT_THROW(clone(wanted), InfrastructureError);
}

TEST_F(FetchTest, SubmodulesLeadToNoRepositoryOfThisHost) {
    const auto said = tool(
        "git -c user.name=a -c user.email=a@b -c protocol.file.allow=always -C repo submodule --quiet add "
        "\"file://$PWD/repo\" inner && git -c user.name=a -c user.email=a@b -C repo commit -qm inner");
    ASSERT_EQ(said, "");
    auto wanted = request();
    clone(wanted);
    wanted.recursive = true;
    EXPECT_THROW(clone(wanted), InfrastructureError);
    EXPECT_THAT(log, ::testing::Contains(::testing::HasSubstr("transport 'file' not allowed")));
}

/// A web server that gives the repository's files to "me" with the password "s3cr/t".
class WebRepository : public FetchTest {
protected:
    void SetUp() override {
        FetchTest::SetUp();
        ASSERT_EQ(tool("git -C repo update-server-info"), "");
        serve("repo", "/repo");
    }
    /// The files of a repository for a user whose name and password in base64 are `key`.
    void serve(const std::string& repository, const std::string& place, const std::string& key = "bWU6czNjci90") {
        for (const auto& entry : std::filesystem::recursive_directory_iterator{root / repository / ".git"}) {
            if (!entry.is_regular_file()) continue;
            const auto name = entry.path().lexically_relative(root / repository).string();
            const auto answer = [this, key, body = read(repository + "/" + name)](const testing::SeenRequest& seen) {
                note_command_lines();
                const auto given = seen.headers.find("authorization");
                if (given == seen.headers.end() || given->second != "Basic " + key) {
                    return testing::reply(401, "", "WWW-Authenticate: Basic realm=\"x\"\r\n");
                }
                return testing::reply(200, body);
            };
            server.on(place + "/" + name, answer);
            if (name.ends_with("info/refs")) server.on(place + "/" + name + "?service=git-upload-pack", answer);
        }
    }
    /// What every user of the host sees while git works.
    void note_command_lines() {
        for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
            std::ifstream file{entry.path() / "cmdline", std::ios::binary};
            std::ostringstream text;
            text << file.rdbuf();  // nothing when the process ends just now; an iterator over the file would throw
            const auto line = text.str();
            const std::lock_guard lock{mutex};
            if (line.find(std::to_string(server.port())) != std::string::npos) command_lines += line + "\n";
        }
    }
    GitClone web_request(const std::string& user) {
        auto wanted = request();
        wanted.url = "http://" + user + "127.0.0.1:" + std::to_string(server.port()) + "/repo/.git";
        wanted.environment = {{"no_proxy", "127.0.0.1"}};
        return wanted;
    }

    std::string seen_command_lines() {
        const std::lock_guard lock{mutex};
        return command_lines;
    }

    std::mutex mutex;
    std::string command_lines;
    testing::HttpServer server;
};

TEST_F(WebRepository, GetsUserAndPasswordAndNobodyElseSeesThem) {
    for (const auto* user : {"me:s3cr%2ft@", "$WHO:${WORD}@"}) {
        log.clear();
        auto wanted = web_request(user);
        wanted.secrets = {{"WHO", "me"}, {"WORD", "s3cr%2ft"}};
        EXPECT_EQ(clone(wanted), commit("main")) << user;
        EXPECT_THAT(seen_command_lines(), ::testing::HasSubstr("git-remote-http"));
        EXPECT_THAT(seen_command_lines(), ::testing::Not(::testing::HasSubstr("s3cr")));
        EXPECT_EQ(tool("grep -r s3cr work; git -C work/tests/0_x remote get-url origin"), server.url("/repo/.git\n"));
        EXPECT_THAT(log, ::testing::Contains(::testing::EndsWith("clone --depth=1 " + server.url("/repo/.git ") +
                                                                 wanted.directory.string() + "'")));
        EXPECT_THAT(log, ::testing::Not(::testing::Contains(::testing::HasSubstr("s3cr"))));
    }
}

TEST_F(WebRepository, IsLeftWithTheNameOfASecretInItsPath) {
    auto wanted = web_request("me:s3cr%2ft@");
    wanted.url.replace(wanted.url.find("/repo"), 5, "/$PLACE");
    wanted.secrets = {{"PLACE", "repo"}};
    EXPECT_EQ(clone(wanted), commit("main"));
    EXPECT_EQ(tool("grep -rF /repo/ work; git -C work/tests/0_x remote get-url origin"), server.url("/$PLACE/.git\n"));
}

TEST_F(WebRepository, TakesATokenThatStandsForTheUser) {
    serve("repo", "/token", "czNjci1rZXk6");  // "s3cr-key:"
    auto wanted = web_request("$KEY@");
    wanted.url.replace(wanted.url.find("/repo"), 5, "/token");
    wanted.secrets = {{"KEY", "s3cr-key"}};
    EXPECT_EQ(clone(wanted), commit("main"));
    EXPECT_THAT(seen_command_lines(), ::testing::HasSubstr("git-remote-http"));
    EXPECT_THAT(seen_command_lines(), ::testing::Not(::testing::HasSubstr("s3cr")));
    EXPECT_EQ(tool("grep -r s3cr work; true"), "");
}

TEST_F(WebRepository, WithASecretInItsPathHasSubmodulesBesideIt) {
    const auto said = tool(
        "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a "
        "GIT_COMMITTER_EMAIL=a@b; cp -r repo inner && git -C inner checkout -q side && git -C inner commit -q "
        "--allow-empty -m hidden && git -C inner update-ref refs/special/x HEAD && git -C inner reset -q --hard HEAD~ "
        "&& git -C inner update-server-info && cd repo && git checkout -q -b nested && printf '[submodule "
        "\"inner\"]\n\tpath = inner\n\turl = ../../inner/.git\n' > .gitmodules && git add .gitmodules && git "
        "update-index "
        "--add --cacheinfo 160000,$(git -C ../inner rev-parse refs/special/x),inner && git commit -qm nested && git "
        "update-server-info");
    ASSERT_EQ(said, "");
    serve("repo", "/s3cr-place/repo");
    serve("inner", "/s3cr-place/inner");
    auto wanted = web_request("me:s3cr%2ft@");
    wanted.url.replace(wanted.url.find("/repo"), 5, "/$PLACE/repo");
    wanted.secrets = {{"PLACE", "s3cr-place"}};
    wanted.branch = "nested";
    wanted.recursive = true;
    EXPECT_EQ(clone(wanted), commit("nested"));
    EXPECT_EQ(read("work/tests/0_x/inner/t.yaml"), "side\n");
    EXPECT_EQ(tool("grep -r s3cr work; git -C work/tests/0_x/inner remote get-url origin"),
              server.url("/$PLACE/inner/.git\n"));
    EXPECT_THAT(log, ::testing::Not(::testing::Contains(::testing::HasSubstr("s3cr"))));
}

TEST_F(WebRepository, IsNotAskedAtAnAddressThatJobsMayNotReach) {
    auto wanted = web_request("");
    wanted.addresses = AddressPolicy{};
    for (const auto& url : {wanted.url, "http://localhost:" + std::to_string(server.port()) + "/repo/.git",
                            std::string{"ssh://127.0.0.1/x"}, std::string{"git://[::1]/x"}, std::string{"me@0:x"}}) {
        wanted.url = url;
        try {
            clone(wanted);
            ADD_FAILURE() << url;
        } catch (const JobError& error) {
            EXPECT_THAT(error.what(), ::testing::HasSubstr("is a loopback address; the lab's setting "
                                                           "'allowed_url_networks' lists what jobs may reach"));
        }
    }
    EXPECT_TRUE(server.lines().empty());
}

TEST_F(WebRepository, LeadsNobodyElsewhereByARedirect) {
    const auto redirect_to = [this](const std::string& host) {
        const auto place = "http://" + host + ":" + std::to_string(server.port()) + "/inside/.git/info/refs";
        server.on("/moved/.git/info/refs?service=git-upload-pack", [place](const testing::SeenRequest&) {
            return testing::reply(302, "", "Location: " + place + "?service=git-upload-pack\r\n");
        });
    };
    auto wanted = web_request("");
    wanted.url = server.url("/moved/.git");
    redirect_to("127.0.0.1");
    EXPECT_THROW(clone(wanted), InfrastructureError) << "there is nothing, but it was asked";
    EXPECT_THAT(server.lines(), ::testing::Contains(::testing::StartsWith("GET /inside/")));
    redirect_to("127.0.0.2");
    try {
        clone(wanted);
        ADD_FAILURE();
    } catch (const JobError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("127.0.0.2 is a loopback address"));
    }
}

TEST_F(FetchTest, SubmodulesLeadToNoAddressThatJobsMayNotReach) {
    const auto said = tool(
        "cd repo && printf '[submodule \"inner\"]\n\tpath = inner\n\turl = http://127.0.0.2:9/x\n' > .gitmodules && "
        "git "
        "add .gitmodules && git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),inner && git -c "
        "user.name=a "
        "-c user.email=a@b commit -qm inner");
    ASSERT_EQ(said, "");
    auto wanted = request();
    wanted.recursive = true;
    try {
        clone(wanted);
        ADD_FAILURE();
    } catch (const JobError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("127.0.0.2 is a loopback address"));
    }
}

TEST_F(WebRepository, RefusesAWrongPassword) {
    auto wanted = web_request("me:wr0ng@");
    EXPECT_THROW(clone(wanted), InfrastructureError);
    EXPECT_THAT(log, ::testing::Not(::testing::Contains(::testing::HasSubstr("wr0ng"))));
}

}  // namespace
}  // namespace patchbay
