// SPDX-License-Identifier: Apache-2.0
// A disk that fills up in the middle: the error says so and what to do, and nothing half-done is kept.
#include <sys/mount.h>
#include <unistd.h>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct DiskFull : DownloadTest {
    bool mounted = false;
    ~DiskFull() override {
        if (mounted) ::umount2((root / "small").c_str(), MNT_DETACH);
    }
    /// "small" is a disk of 1 MB.
    void SetUp() override {
        std::filesystem::create_directory(root / "small");
        mounted = ::mount("tmpfs", (root / "small").c_str(), "tmpfs", 0, "size=1m") == 0;
        if (!mounted) GTEST_SKIP() << "mounting a small disk needs root";
    }
    static constexpr auto hint = "No space left on device; free space there, or lower 'cache_limit' in lab.yaml";
};

TEST_F(DiskFull, WhileDownloading) {
    cache.emplace(root / "small/cache", 1 << 30);
    server.file("/big", std::string(3 << 20, 'x'));
    EXPECT_THAT(failure<InfrastructureError>({"rootfs", server.url("/big")}),
                AllOf(HasSubstr("cannot keep '" + server.url("/big") + "' in '"), HasSubstr(hint)));
    EXPECT_TRUE(std::filesystem::is_empty(root / "small/cache/tmp"));
    server.file("/little", "fits");
    EXPECT_EQ(fetch({"rootfs", server.url("/little")}).size, 4u);
}

TEST_F(DiskFull, WhileDecompressing) {
    cache.emplace(root / "small/cache", 1 << 30);
    tool("head -c 3000000 /dev/zero | gzip > x.gz");
    server.file("/x.gz", read("x.gz"));
    DownloadRequest request{"rootfs", server.url("/x.gz")};
    request.compression = "gz";
    EXPECT_THAT(failure<InfrastructureError>(request),
                AllOf(HasSubstr("cannot decompress '" + request.url + "' into '"), HasSubstr(hint)));
    EXPECT_TRUE(std::filesystem::is_empty(root / "small/cache/tmp"));
}

TEST_F(DiskFull, WhileCopyingIntoTheJobsFolder) {
    server.file("/big", std::string(3 << 20, 'x'));
    auto own = context();
    own.directory = root / "small/job";
    try {
        run(io, download({"rootfs", server.url("/big")}, own, Deadline::in(1min)));
        ADD_FAILURE();
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("small/job/rootfs/big"), HasSubstr("No space left on device")));
    }
    EXPECT_FALSE(std::filesystem::exists(root / "small/job/rootfs/big"));
}

TEST_F(DiskFull, WhileUnpacking) {
    tool("head -c 3000000 /dev/urandom > big && tar -cf x.tar big");
    server.file("/x.tar", read("x.tar"));
    auto own = context();
    own.directory = root / "small/job";
    DownloadRequest request{"rootfs", server.url("/x.tar")};
    request.archive = "tar";
    try {
        run(io, download(request, own, Deadline::in(1min)));
        ADD_FAILURE();
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), HasSubstr("'" + request.url + "': cannot unpack 'big': "));
        EXPECT_THAT(error.what(), HasSubstr("free space there"));
    }
}

}  // namespace
}  // namespace patchbay::testing
