// SPDX-License-Identifier: Apache-2.0
// Is the file there? Asked before anything of the job runs, in LAVA's words.
#include <atomic>
#include <future>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Probe = DownloadTest;

TEST_F(Probe, AsksForTheHeadOnly) {
    server.file("/Image", "k");
    EXPECT_EQ(ask({"kernel", server.url("/Image")}), std::nullopt);
    EXPECT_THAT(server.lines(), ElementsAre("HEAD /Image"));
}

TEST_F(Probe, AsksForTheFileWhereHeadIsRefused) {
    for (const int status : {403, 405, 501}) {
        const auto path = "/r" + std::to_string(status);
        server.on(path, [status](const SeenRequest& request) {
            return request.method == "HEAD" ? reply(status) : reply(200, "k");
        });
        EXPECT_EQ(ask({"kernel", server.url(path)}), std::nullopt) << status;
        EXPECT_EQ(server.lines().back(), "GET " + path);
    }
    EXPECT_EQ(lines(LogLevel::debug).at(0), "Using GET because HEAD is not supported properly");
}

TEST_F(Probe, TakesNoMoreOfTheFileThanItsBeginning) {
    server.on("/big", [](const SeenRequest& request) {
        return request.method == "HEAD" ? reply(405) : reply(200, std::string(4 << 20, 'x'));
    });
    limits.bytes = 1;
    EXPECT_EQ(ask({"kernel", server.url("/big")}), std::nullopt);
}

TEST_F(Probe, FollowsRedirects) {
    server.on("/latest", [](const SeenRequest&) { return reply(302, "", "Location: /Image\r\n"); });
    server.file("/Image", "k");
    EXPECT_EQ(ask({"kernel", server.url("/latest")}), std::nullopt);
}

TEST_F(Probe, SaysWhatIsMissing) {
    EXPECT_EQ(ask({"kernel", server.url("/gone")}), "Resource unavailable at '" + server.url("/gone") + "' (404)");
}

TEST_F(Probe, AsksABusyServerAgain) {
    std::atomic<int> calls{0};
    server.on("/busy", [&calls](const SeenRequest&) { return ++calls < 3 ? reply(503) : reply(200); });
    EXPECT_EQ(ask({"kernel", server.url("/busy")}), std::nullopt);
    EXPECT_THAT(server.lines(), ElementsAre("HEAD /busy", "HEAD /busy", "HEAD /busy"));
}

TEST_F(Probe, SaysWhyThereIsNoAnswer) {
    int port = 0;
    {
        const HttpServer closed;
        port = closed.port();
    }
    const auto url = "http://127.0.0.1:" + std::to_string(port) + "/Image";
    EXPECT_THAT(ask({"kernel", url}).value_or(""), StartsWith("Unable to get '" + url + "': "));
    EXPECT_THAT(ask({"kernel", "http://no-such-host.invalid/Image"}).value_or(""), HasSubstr("no-such-host.invalid"));
}

TEST_F(Probe, OfAServerThatNeverAnswersEndsWithItsTime) {
    std::promise<void> end;
    server.on("/never", [wait = end.get_future().share()](const SeenRequest&) {
        wait.wait();
        return std::string{};
    });
    DownloadRequest request{"kernel", server.url("/never")};
    EXPECT_EQ(run(io, probe(request, context(), Deadline::in(300ms))), "'" + request.url + "' timed out");
    end.set_value();
}

TEST_F(Probe, SendsTheHeadersOfTheJob) {
    server.on("/private",
              [](const SeenRequest& request) { return reply(request.headers.count("private-token") ? 200 : 401); });
    DownloadRequest request{"kernel", server.url("/private")};
    EXPECT_EQ(ask(request), "Resource unavailable at '" + request.url + "' (401)");
    request.headers = {{"PRIVATE-TOKEN", "x"}};
    EXPECT_EQ(ask(request), std::nullopt);
}

TEST_F(Probe, KnowsTheCompressions) {
    DownloadRequest request{"rootfs", server.url("/a")};
    request.compression = "lzma";
    try {
        ask(request);
        FAIL();
    } catch (const JobError& error) {
        EXPECT_THAT(error.what(), HasSubstr("'rootfs': unknown compression 'lzma': gz, xz"));
    }
}

TEST_F(Probe, OfAFileOfThisHost) {
    write("allowed/Image", "k");
    EXPECT_EQ(ask({"kernel", "file://" + (root / "allowed/Image").string()}), std::nullopt);
    const auto missing = "file://" + (root / "allowed/none").string();
    EXPECT_EQ(ask({"kernel", missing}), "Resource unavailable at '" + missing + "': there is no such file");
    EXPECT_THROW(ask({"kernel", "file:///etc/hostname"}), JobError);
}

TEST_F(Probe, OfWhatAnEarlierActionWillMakeIsNotAsked) {
    EXPECT_EQ(ask({"kernel", "downloads://later"}), std::nullopt);
}

TEST_F(Probe, OfAUrlThatCanNeverWorkThrows) {
    EXPECT_THROW(ask({"kernel", "ftp://x/y"}), JobError);
    EXPECT_THROW(ask({"kernel", server.url("/")}), JobError);
    EXPECT_THROW(ask({"../kernel", server.url("/Image")}), JobError);
}

}  // namespace
}  // namespace patchbay::testing
