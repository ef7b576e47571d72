// SPDX-License-Identifier: Apache-2.0
// scp:// is ssh and cat. The ssh of these tests is a script that notes its arguments and runs the command here.
#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

struct Scp : DownloadTest {
    std::string path_before = ::getenv("PATH");
    void SetUp() override {
        write("bin/ssh", "#!/bin/sh\necho \"$@\" >> '" + root.string() +
                             "/calls'\n[ \"$3\" = me@board ] || { echo \"ssh: no host $3\" >&2; exit 255; }\nshift "
                             "3\neval \"$*\"\n");
        std::filesystem::permissions(root / "bin/ssh", std::filesystem::perms::owner_all);
        ::setenv("PATH", ((root / "bin").string() + ":" + path_before).c_str(), 1);
        write("far/it's here/disk.img.gz", "");
        write("far/disk.img", "far bytes");
    }
    void TearDown() override { ::setenv("PATH", path_before.c_str(), 1); }
    std::string url(const std::string& path) const { return "scp://me@board" + (root / "far").string() + path; }
};

TEST_F(Scp, BringsTheFile) {
    EXPECT_EQ(ask({"rootfs", url("/disk.img")}), std::nullopt);
    const auto result = fetch({"rootfs", url("/disk.img")});
    EXPECT_EQ(read("job/rootfs/disk.img"), "far bytes");
    EXPECT_EQ(result.digests.sha256, sha256_hex("far bytes"));
    EXPECT_EQ(result.size, 9u);
    EXPECT_THAT(read("calls"), EndsWith("-o BatchMode=yes me@board cat '" + (root / "far/disk.img").string() + "'\n"));
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(Scp, BringsNoMoreThanTheLimit) {
    limits.bytes = 9;
    EXPECT_EQ(fetch({"rootfs", url("/disk.img")}).size, 9u);
    limits.bytes = 8;
    EXPECT_EQ(failure<JobError>({"rootfs", url("/disk.img")}),
              "'" + url("/disk.img") + "' is too large: " + limits.bytes_text());
    write("bin/ssh", "#!/bin/sh\nexec cat /dev/zero\n");
    limits.bytes = 1 << 20;
    EXPECT_THAT(failure<JobError>({"rootfs", url("/endless.img")}), HasSubstr("is too large: "));
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(Scp, SaysWhatSshSays) {
    EXPECT_THAT(failure<InfrastructureError>({"rootfs", "scp://other/disk.img"}), HasSubstr("ssh: no host other"));
    EXPECT_THAT(ask({"rootfs", url("/none")}).value_or(""),
                HasSubstr("Resource unavailable at '" + url("/none") + "': "));
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(Scp, RunsNothingOfTheUrl) {
    EXPECT_THAT(failure<JobError>({"rootfs", url("/x';touch owned;'y")}), HasSubstr("quote"));
    EXPECT_THROW(ask({"rootfs", url("/x';touch owned;'y")}), JobError);
    failure<InfrastructureError>({"rootfs", url("/$(touch owned)")});
    failure<JobError>({"rootfs", "scp://-oProxyCommand=touch owned/x"});
    EXPECT_FALSE(std::filesystem::exists(root / "owned"));
    EXPECT_FALSE(std::filesystem::exists("owned"));
}

TEST_F(Scp, EndsWithItsDeadlineAndLeavesNothing) {
    write("bin/ssh", "#!/bin/sh\nexec sleep 60\n");
    EXPECT_THROW(run(io, download({"rootfs", url("/disk.img")}, context(), Deadline::in(50ms))), TimedOut);
    EXPECT_EQ(unfinished(), 0u);
}

}  // namespace
}  // namespace patchbay::testing
