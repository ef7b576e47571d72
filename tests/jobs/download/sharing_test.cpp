// SPDX-License-Identifier: Apache-2.0
// Two jobs want the same file at the same moment: it comes once, whoever dies meanwhile.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <future>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

/// The server holds its answers back until release().
struct Sharing : DownloadTest {
    std::promise<void> gate;
    std::shared_future<void> opened = gate.get_future().share();

    void release() { gate.set_value(); }
    /// The first download waits in the server, the second for the first: then, and not before, the server answers.
    void release_when_somebody_waits() {
        on_log = [this](const std::string& text) {
            if (text.starts_with("waiting for another download")) release();
        };
    }
    void held_file(const std::string& path, const std::string& body, const std::string& headers = "") {
        server.on(path, [this, body, headers](const SeenRequest&) {
            opened.wait();
            return reply(200, body, headers);
        });
    }
    /// Both at once, as two jobs do it: each with a folder of its own.
    std::vector<std::string> fetch_twice(const DownloadRequest& request) {
        std::vector<std::string> outcomes;
        for (const auto* job : {"one", "two"}) {
            auto own = context();
            own.directory = root / job;
            asio::co_spawn(io, download(request, own, Deadline::in(1min)),
                           [&outcomes](std::exception_ptr error, const DownloadResult& result) {
                               outcomes.push_back(error ? describe(error) : result.cached ? "shared" : "fetched");
                           });
        }
        io.restart();
        io.run();
        std::sort(outcomes.begin(), outcomes.end());
        return outcomes;
    }
};

using ::testing::ElementsAre;

TEST_F(Sharing, OneTransferServesBoth) {
    held_file("/Image", "kernel");
    release_when_somebody_waits();
    EXPECT_THAT(fetch_twice({"kernel", server.url("/Image")}), ElementsAre("fetched", "shared"));
    EXPECT_THAT(server.lines(), ElementsAre("GET /Image"));
    EXPECT_EQ(read("one/kernel/Image"), "kernel");
    EXPECT_EQ(read("two/kernel/Image"), "kernel");
}

TEST_F(Sharing, OfACompressedFileServesBothWithTheirOwnCopy) {
    write("plain", "text");
    tool("gzip -n plain");
    held_file("/plain.gz", read("plain.gz"));
    release_when_somebody_waits();
    DownloadRequest request{"rootfs", server.url("/plain.gz")};
    request.compression = "gz";
    EXPECT_THAT(fetch_twice(request), ElementsAre("fetched", "shared"));
    EXPECT_EQ(read("one/rootfs/plain"), "text");
    EXPECT_EQ(read("two/rootfs/plain"), "text");
}

TEST_F(Sharing, OfAFailedTransferTriesAgain) {
    std::atomic<int> calls{0};
    server.on("/Image", [this, &calls](const SeenRequest&) {
        if (++calls > 1) return reply(200, "kernel");
        opened.wait();
        return std::string{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut"};
    });
    release_when_somebody_waits();
    const auto outcomes = fetch_twice({"kernel", server.url("/Image")});
    EXPECT_THAT(outcomes, ElementsAre("Download finished (3 bytes) but was not expected size (100 bytes), check your "
                                      "networking.",
                                      "fetched"));
}

TEST_F(Sharing, IsNotForAJobThatWantsNoCache) {
    held_file("/Image", "kernel", "ETag: \"1\"\r\n");
    release_when_somebody_waits();
    DownloadRequest request{"kernel", server.url("/Image")};
    request.use_cache = false;
    EXPECT_THAT(fetch_twice(request), ElementsAre("fetched", "fetched"));
}

TEST_F(Sharing, WorksBetweenProcessesAndOutlivesTheDeathOfOne) {
    server.file("/Image", "kernel");
    const auto key = server.url("/Image");
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const auto child = ::fork();
    if (child == 0) {  // another runner, in the middle of its transfer
        ArtifactCache other{root / "cache", 1000};
        const auto lock = other.try_lock(key);
        static_cast<void>(!::write(ready[1], lock ? "y" : "n", 1));
        for (;;) ::pause();
    }
    char got = 0;
    ASSERT_EQ(::read(ready[0], &got, 1), 1);
    EXPECT_EQ(got, 'y');
    EXPECT_FALSE(cache->try_lock(key).has_value());
    on_log = [child](const std::string& text) {
        if (text.starts_with("waiting for another download")) ::kill(child, SIGKILL);
    };
    EXPECT_FALSE(fetch({"kernel", server.url("/Image")}).cached);
    EXPECT_EQ(read("job/kernel/Image"), "kernel");
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(Sharing, TheOneWhoWaitsCanBeCancelled) {
    const auto lock = cache->try_lock(server.url("/Image"));
    ASSERT_TRUE(lock);
    EXPECT_THROW(run(io, download({"kernel", server.url("/Image")}, context(), Deadline::in(10ms))), TimedOut);
}

}  // namespace
}  // namespace patchbay::testing
