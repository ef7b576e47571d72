// SPDX-License-Identifier: Apache-2.0
// One file over HTTP: what is logged, what is tried again, and what is refused.
#include <atomic>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

using HttpDownload = DownloadTest;

TEST_F(HttpDownload, LandsInAFolderOfItsKeyAndTellsItsSums) {
    server.file("/a/Image?x=1", "kernel bytes");
    const auto result = fetch({"kernel", server.url("/a/Image?x=1")});
    EXPECT_EQ(result.path, root / "job/kernel/Image");
    EXPECT_EQ(read("job/kernel/Image"), "kernel bytes");
    EXPECT_EQ(result.label, "kernel");
    EXPECT_EQ(result.size, 12u);
    EXPECT_EQ(result.digests.md5, "2c294ae60af17c292e86eae22d808145");
    EXPECT_EQ(result.digests.sha256, sha256_hex("kernel bytes"));
    EXPECT_FALSE(result.cached);
    const auto info = result.info();
    EXPECT_EQ(config::python_str(*info.find("size")), "12");
    EXPECT_EQ(config::python_str(*info.find("label")), "kernel");
    EXPECT_EQ(config::python_str(*info.find("md5sum")), result.digests.md5);
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(HttpDownload, LogsWhatLavaLogs) {
    server.file("/Image", std::string(100'000, 'x'));
    fetch({"kernel", server.url("/Image")});
    EXPECT_THAT(lines(LogLevel::info), ElementsAre("downloading " + server.url("/Image"),
                                                   MatchesRegex("0MB downloaded in [0-9.]+s \\([0-9.]+MB/s\\)")));
    EXPECT_THAT(
        lines(LogLevel::debug),
        ElementsAre("saving as " + (root / "job/kernel/Image").string(), "total size: 100000 (0MB)",
                    "No compression specified", "progress  32% (0MB)", "progress  65% (0MB)", "progress  98% (0MB)"));
}

TEST_F(HttpDownload, WithoutUniquifyLandsFlat) {
    server.file("/Image", "k");
    DownloadRequest request{"kernel", server.url("/Image")};
    request.uniquify = false;
    EXPECT_EQ(fetch(request).path, root / "job/Image");
}

TEST_F(HttpDownload, FollowsRedirectsAndKeepsTheNameOfTheUrl) {
    server.on("/latest", [](const SeenRequest&) { return reply(302, "moved", "Location: /build-7/Image.bin\r\n"); });
    server.file("/build-7/Image.bin", "seven");
    const auto result = fetch({"kernel", server.url("/latest")});
    EXPECT_EQ(result.path.filename(), "latest");
    EXPECT_EQ(read("job/kernel/latest"), "seven");
}

TEST_F(HttpDownload, ARedirectLeadsToNoOtherProtocol) {
    write("secret", "of this host");
    server.on("/evil", [this](const SeenRequest&) {
        return reply(302, "", "Location: file://" + root.string() + "/secret\r\n");
    });
    EXPECT_THAT(failure<InfrastructureError>({"kernel", server.url("/evil")}),
                HasSubstr("Unable to download '" + server.url("/evil") + "': "));
    EXPECT_THAT(server.lines(), ElementsAre("GET /evil")) << "trying again cannot help";
}

TEST_F(HttpDownload, AnEndlessRedirectEnds) {
    server.on("/round", [](const SeenRequest&) { return reply(301, "", "Location: /round\r\n"); });
    failure<InfrastructureError>({"kernel", server.url("/round")});
    EXPECT_EQ(server.lines().size(), 11u);
}

TEST_F(HttpDownload, AFileThatIsNotThereIsNotAskedForAgain) {
    EXPECT_EQ(failure<InfrastructureError>({"kernel", server.url("/gone")}),
              "Unable to download '" + server.url("/gone") + "': status 404");
    EXPECT_EQ(server.lines().size(), 1u);
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(HttpDownload, IsTriedAgainWhenTheServerIsOverloaded) {
    std::atomic<int> calls{0};
    server.on("/busy", [&calls](const SeenRequest&) { return ++calls < 3 ? reply(503, "later") : reply(200, "now"); });
    fetch({"kernel", server.url("/busy")});
    EXPECT_EQ(read("job/kernel/busy"), "now");
    EXPECT_THAT(lines(LogLevel::debug),
                ::testing::Contains("'" + server.url("/busy") + "' failed (status 503), trying again"));
}

TEST_F(HttpDownload, GivesUpAfterItsTries) {
    for (const int status : {408, 429, 500, 504}) {
        const auto path = "/s" + std::to_string(status);
        server.on(path, [status](const SeenRequest&) { return reply(status, "no"); });
        EXPECT_EQ(failure<InfrastructureError>({"kernel", server.url(path)}),
                  "Unable to download '" + server.url(path) + "': status " + std::to_string(status));
    }
    EXPECT_EQ(server.lines().size(), 12u);
}

TEST_F(HttpDownload, AServerThatHangsUpIsAskedAgain) {
    std::atomic<int> calls{0};
    server.on("/shy", [&calls](const SeenRequest&) { return ++calls < 2 ? std::string{} : reply(200, "hello"); });
    fetch({"kernel", server.url("/shy")});
    EXPECT_EQ(read("job/kernel/shy"), "hello");
}

TEST_F(HttpDownload, ABodyThatEndsEarlyIsLavasError) {
    server.on("/cut", [](const SeenRequest&) { return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"; });
    EXPECT_EQ(failure<InfrastructureError>({"kernel", server.url("/cut")}),
              "Download finished (9 bytes) but was not expected size (1000 bytes), check your networking.");
    EXPECT_EQ(unfinished(), 0u);
    EXPECT_FALSE(std::filesystem::exists(root / "job/kernel/cut"));
}

TEST_F(HttpDownload, AChunkedBodyThatEndsEarlyIsFetchedAgain) {
    std::atomic<int> calls{0};
    server.on("/chunks", [&calls](const SeenRequest&) {
        const std::string half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        return ++calls < 2 ? half : half + "6\r\n world\r\n0\r\n\r\n";
    });
    const auto result = fetch({"kernel", server.url("/chunks")});
    EXPECT_EQ(read("job/kernel/chunks"), "hello world");
    EXPECT_EQ(result.size, 11u);
}

TEST_F(HttpDownload, BytesBeyondTheAnnouncedSizeAreNotTheFiles) {
    server.on("/long", [](const SeenRequest&) { return "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile and more"; });
    fetch({"kernel", server.url("/long")});
    EXPECT_EQ(read("job/kernel/long"), "file");
}

TEST_F(HttpDownload, ABodyOfUnknownLengthEndsWithTheConnection) {
    server.on("/old", [](const SeenRequest&) { return "HTTP/1.0 200 OK\r\n\r\nto the end"; });
    fetch({"kernel", server.url("/old")});
    EXPECT_EQ(read("job/kernel/old"), "to the end");
}

TEST_F(HttpDownload, AnEmptyFileIsAFile) {
    server.file("/empty", "");
    const auto result = fetch({"dtb", server.url("/empty")});
    EXPECT_EQ(result.size, 0u);
    EXPECT_TRUE(std::filesystem::is_regular_file(result.path));
}

TEST_F(HttpDownload, TakesNoMoreThanTheLimit) {
    limits.bytes = 1000;
    server.file("/big", std::string(1001, 'x'));
    server.on("/endless", [](const SeenRequest&) { return "HTTP/1.0 200 OK\r\n\r\n" + std::string(200'000, 'x'); });
    for (const auto* path : {"/big", "/endless"}) {
        EXPECT_EQ(failure<JobError>({"rootfs", server.url(path)}),
                  "'" + server.url(path) +
                      "' is too large: the limit of this lab is 1000 bytes; use a smaller one, or "
                      "let the lab's owner raise 'unpack_limit' in lab.yaml");
    }
    EXPECT_EQ(server.lines().size(), 2u) << "trying again cannot help";
}

TEST_F(HttpDownload, SendsTheHeadersOfTheJob) {
    server.file("/private", "p");
    DownloadRequest request{"kernel", server.url("/private")};
    request.headers = {{"Authorization", "Bearer abc"}, {"X-Two", "2"}};
    fetch(request);
    const auto headers = server.seen().at(0).headers;
    EXPECT_EQ(headers.at("authorization"), "Bearer abc");
    EXPECT_EQ(headers.at("x-two"), "2");
    EXPECT_EQ(headers.count("accept-encoding"), 0u) << "a server must not compress on its own";
    request.headers = {{"X-Evil", "a\r\nHost: b"}};
    EXPECT_THAT(failure<JobError>(request), HasSubstr("X-Evil"));
}

TEST_F(HttpDownload, FillsInTheDevicesNames) {
    server.file("/boards/imx8/Image", "k");
    auto with_device = context();
    with_device.static_info = {config::Value{config::Map{{"board", "imx8"}}}};
    DownloadRequest request{"kernel", server.url("/boards/{board}/Image")};
    run(io, download(request, with_device, Deadline::in(1min)));
    EXPECT_EQ(read("job/kernel/Image"), "k");
}

TEST_F(HttpDownload, EndsWithItsDeadlineAndLeavesNothing) {
    const auto held = std::make_shared<std::mutex>();  // the request may arrive when this test is over
    std::unique_lock hold{*held};
    server.on("/never", [held](const SeenRequest&) {
        const std::lock_guard wait{*held};
        return std::string{};
    });
    EXPECT_THROW(run(io, download({"kernel", server.url("/never")}, context(), Deadline::in(10ms))), TimedOut);
    EXPECT_EQ(unfinished(), 0u);
    hold.unlock();
}

}  // namespace
}  // namespace patchbay::testing
