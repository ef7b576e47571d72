// SPDX-License-Identifier: Apache-2.0
// What the system's own tools have packed comes out as it was, once, and not without bounds.
#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Format {
    const char* name;
    const char* suffix;
    const char* pack;     ///< standard input to standard output
    const char* program;  ///< that LAVA names in its log
};

const Format formats[] = {{"gz", ".gz", "gzip -c", "gunzip"},
                          {"xz", ".xz", "xz -c", "unxz"},
                          {"bz2", ".bz2", "bzip2 -c", "bunzip2"},
                          {"zstd", ".zst", "zstd -qc", "unzstd"}};

class Compression : public DownloadTest, public ::testing::WithParamInterface<Format> {
protected:
    /// Serves what the shell line prints.
    DownloadRequest serve(const std::string& line) {
        tool("( " + line + " ) > packed");
        const auto path = "/disk.img" + std::string{GetParam().suffix};
        server.file(path, read("packed"));
        DownloadRequest request{"rootfs", server.url(path)};
        request.compression = GetParam().name;
        return request;
    }
    std::string pack() const { return GetParam().pack; }
};

TEST_P(Compression, IsUndoneOnTheWay) {
    tool("head -c 700000 /dev/urandom > plain");
    const auto result = fetch(serve("cat plain | " + pack()));
    EXPECT_EQ(result.path.filename(), "disk.img");
    EXPECT_TRUE(result.decompressed);
    EXPECT_EQ(read("job/rootfs/disk.img"), read("plain"));
    EXPECT_THAT(lines(LogLevel::info),
                Contains("Using " + std::string{GetParam().program} + " to decompress " + GetParam().name));
}

TEST_P(Compression, OfSeveralPiecesIsUndoneWhole) {
    fetch(serve("echo one | " + pack() + "; echo two | " + pack()));
    EXPECT_EQ(read("job/rootfs/disk.img"), "one\ntwo\n") << "pigz, pixz and split files are like that";
}

TEST_P(Compression, IsUndoneOnce) {
    tool("echo text | " + pack() + " > inner");
    fetch(serve("cat inner | " + pack()));
    EXPECT_EQ(read("job/rootfs/disk.img"), read("inner"));
}

TEST_P(Compression, OfNothingIsAnEmptyFile) {
    fetch(serve("true | " + pack()));
    EXPECT_EQ(read("job/rootfs/disk.img"), "");
    EXPECT_TRUE(std::filesystem::exists(root / "job/rootfs/disk.img"));
}

TEST_P(Compression, ThatIsBrokenIsTheJobsProblem) {
    tool("head -c 700000 /dev/urandom > plain; cat plain | " + pack() + " > whole");
    for (const auto* line :
         {"head -c 100000 whole", "head -c 5 whole", "head -c 50000 whole; tail -c 50000 whole", "echo text", "true"}) {
        const auto request = serve(line);
        EXPECT_THAT(failure<JobError>(request),
                    StartsWith("cannot decompress '" + request.url + "' as " + GetParam().name + ": "))
            << line;
        EXPECT_FALSE(std::filesystem::exists(root / "job/rootfs/disk.img")) << line;
    }
    EXPECT_EQ(unfinished(), 0u);
}

TEST_P(Compression, OfABombEndsAtTheLimit) {
    limits.bytes = 1 << 20;
    const auto request = serve("head -c 50000000 /dev/zero | " + pack());
    EXPECT_EQ(failure<JobError>(request),
              "'" + request.url +
                  "' is too large when decompressed: the limit of this lab is 1048576 bytes; use a "
                  "smaller one, or let the lab's owner raise 'unpack_limit' in lab.yaml");
    EXPECT_EQ(unfinished(), 0u);
}

TEST_P(Compression, OfATarArchiveIsUndoneToo) {
    tool("mkdir tree && echo a > tree/a && mkdir tree/sub && echo b > tree/sub/b");
    auto request = serve("tar -C tree -c . | " + pack());
    request.archive = "tar";
    const auto result = fetch(request);
    EXPECT_EQ(result.path, root / "job/rootfs/rootfs");
    EXPECT_EQ(read("job/rootfs/rootfs/sub/b"), "b\n");
}

TEST_P(Compression, OfARamdiskIsKept) {
    auto request = serve("echo cpio | " + pack());
    request.key = "ramdisk";
    const auto result = fetch(request);
    EXPECT_EQ(result.path.filename(), "disk.img" + std::string{GetParam().suffix});
    EXPECT_EQ(read("job/ramdisk/" + result.path.filename().string()), read("packed"));
    EXPECT_THAT(lines(LogLevel::debug), Contains("Not decompressing ramdisk as can be used compressed."));
}

TEST_P(Compression, IsUndoneOnceForAllJobs) {
    const auto request = serve("echo text | " + pack());
    fetch(request);
    const auto blobs = [this] {
        const std::filesystem::directory_iterator files{root / "cache/blobs"};
        return std::distance(begin(files), end(files));
    };
    EXPECT_EQ(blobs(), 2) << "as transferred, and decompressed";
    fetch(request);
    EXPECT_EQ(blobs(), 2);
    EXPECT_EQ(read("job/rootfs/disk.img"), "text\n");
}

std::string format_name(const ::testing::TestParamInfo<Format>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Formats, Compression, ::testing::ValuesIn(formats), format_name);

using OtherCompression = DownloadTest;

TEST_F(OtherCompression, ThatIsAnotherOneIsSaid) {
    tool("echo text | gzip > x.gz");
    server.file("/x.xz", read("x.gz"));
    DownloadRequest request{"rootfs", server.url("/x.xz")};
    request.compression = "xz";
    EXPECT_EQ(failure<JobError>(request), "cannot decompress '" + request.url + "' as xz: it is of another format");
}

TEST_F(OtherCompression, ZipStaysAsItIs) {
    server.file("/x.zip", "PK bytes");
    DownloadRequest request{"rootfs", server.url("/x.zip")};
    request.compression = "zip";
    EXPECT_FALSE(fetch(request).decompressed);
    EXPECT_EQ(read("job/rootfs/x.zip"), "PK bytes");
}

}  // namespace
}  // namespace patchbay::testing
