// SPDX-License-Identifier: Apache-2.0
// The sums of a job are those of the bytes as transferred.
#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;

struct Checksum : DownloadTest {
    DownloadRequest request{"rootfs", server.url("/rootfs.img")};
    Digests right;
    Checksum() {
        server.file("/rootfs.img", "bytes");
        Hasher hasher;
        hasher.add("bytes");
        right = hasher.finish();
    }
};

TEST_F(Checksum, ThatFitsIsAccepted) {
    request.expected = right;
    fetch(request);
    for (auto* sum : {&request.expected.md5, &request.expected.sha256, &request.expected.sha512}) {
        for (auto& c : *sum) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    fetch(request);
    EXPECT_TRUE(lines(LogLevel::error).empty());
}

TEST_F(Checksum, ThatDiffersIsSaidInLavasWords) {
    request.expected.md5 = "0123";
    EXPECT_EQ(failure<JobError>(request), "md5 for '" + request.url + "' does not match.");
    EXPECT_THAT(lines(LogLevel::error), ElementsAre("md5 sum for '" + request.url + "' does not match"));
    EXPECT_EQ(log.at(log.size() - 2).second, "actual  : " + right.md5);
    EXPECT_EQ(log.back().second, "expected: 0123");
    EXPECT_FALSE(std::filesystem::exists(root / "job/rootfs/rootfs.img")) << "wrong bytes are given to nobody";
}

TEST_F(Checksum, OfEveryKindIsChecked) {
    request.expected = right;
    request.expected.sha256[0] ^= 1;
    EXPECT_EQ(failure<JobError>(request), "sha256 for '" + request.url + "' does not match.");
    request.expected = right;
    request.expected.sha512[0] ^= 1;
    EXPECT_EQ(failure<JobError>(request), "sha512 for '" + request.url + "' does not match.");
}

TEST_F(Checksum, OfWrongBytesInTheCacheIsAskedAnew) {
    // The server gives something else the second time: the first answer was wrong, not ours to keep for ever.
    request.expected.sha256 = right.sha256;
    server.file("/rootfs.img", "wrong", "ETag: \"1\"\r\n");
    failure<JobError>(request);
    server.file("/rootfs.img", "bytes", "ETag: \"2\"\r\n");
    EXPECT_EQ(fetch(request).digests, right);
}

TEST_F(Checksum, IsOverTheCompressedBytes) {
    write("plain", "unpacked");
    tool("gzip -n plain");
    const auto packed = read("plain.gz");
    server.file("/plain.gz", packed);
    DownloadRequest gz{"rootfs", server.url("/plain.gz")};
    gz.compression = "gz";
    gz.expected.sha256 = sha256_hex(packed);
    EXPECT_EQ(fetch(gz).size, packed.size());
    EXPECT_EQ(read("job/rootfs/plain"), "unpacked");
    gz.expected.sha256 = sha256_hex("unpacked");
    failure<JobError>(gz);
}

TEST_F(Checksum, OfAFileOfThisHostIsCheckedToo) {
    write("allowed/disk", "bytes");
    DownloadRequest local{"rootfs", "file://" + (root / "allowed/disk").string()};
    local.expected = right;
    fetch(local);
    write("allowed/disk", "BYTES");  // of the same length: only its times tell
    EXPECT_EQ(failure<JobError>(local), "md5 for '" + local.url + "' does not match.");
}

}  // namespace
}  // namespace patchbay::testing
