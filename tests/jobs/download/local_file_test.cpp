// SPDX-License-Identifier: Apache-2.0
// file:// and downloads://: only what the lab's owner allows, whatever links and dots say.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

struct LocalFile : DownloadTest {
    LocalFile() {
        write("allowed/Image", "kernel");
        write("allowed/sub/disk", "disk");
        write("allowed-not/Image", "secret");
        write("outside/secret", "secret");
    }
    std::string url(const std::string& path) const { return "file://" + (root / "allowed").string() + path; }
};

TEST_F(LocalFile, BelowAnAllowedFolderIsCopied) {
    const auto result = fetch({"kernel", url("/Image")});
    EXPECT_EQ(read("job/kernel/Image"), "kernel");
    EXPECT_EQ(result.digests.sha256, sha256_hex("kernel"));
    std::ofstream{result.path, std::ios::app} << "+";
    EXPECT_EQ(read("allowed/Image"), "kernel") << "the job's changes are its own";
    EXPECT_THAT(lines(LogLevel::debug), ::testing::Contains("total size: 6 (0MB)"));
}

TEST_F(LocalFile, OutsideIsRefusedHoweverItIsCalled) {
    std::filesystem::create_symlink(root / "outside/secret", root / "allowed/link");
    std::filesystem::create_symlink("../../outside", root / "allowed/sub/folder");
    std::filesystem::create_symlink("../outside/secret", root / "allowed/relative");
    std::filesystem::create_symlink("loop", root / "allowed/loop");
    for (const auto* path : {"/../outside/secret", "/sub/../../outside/secret", "/link", "/sub/folder/secret",
                             "/relative", "-not/Image", "/./../allowed-not/Image", "/sub/folder/../outside/secret"}) {
        EXPECT_EQ(failure<JobError>({"kernel", url(path)}), "'" + url(path) +
                                                                "' is not below a folder that jobs may read here; "
                                                                "'allowed_file_paths' in lab.yaml lists them");
    }
    failure<JobError>({"kernel", url("/loop")});
    failure<JobError>({"kernel", "file:///etc/hostname"});
}

TEST_F(LocalFile, InsideIsAllowedHoweverItIsCalled) {
    std::filesystem::create_symlink("sub/disk", root / "allowed/link");
    for (const auto* path : {"/link", "/sub/../sub/disk", "//sub///disk", "/./sub/disk"}) {
        DownloadRequest request{"rootfs", url(path)};
        EXPECT_EQ(fetch(request).size, 4u) << path;
    }
}

TEST_F(LocalFile, TheAllowedFolderMayBeALinkOrEndWithASlash) {
    std::filesystem::create_symlink("allowed", root / "alias");
    for (const auto& folder : {root / "alias", root / "allowed/"}) {
        auto own = context();
        own.allowed_file_paths = {folder};
        for (const auto& name : {root / "allowed/Image", root / "alias/Image"}) {
            DownloadRequest request{"kernel", "file://" + name.string()};
            EXPECT_EQ(run(io, download(request, own, Deadline::in(1min))).size, 6u) << folder << " " << name;
        }
    }
}

TEST_F(LocalFile, WithoutTheSettingNothingIsAllowed) {
    auto own = context();
    own.allowed_file_paths.clear();
    EXPECT_THROW(run(io, download({"kernel", url("/Image")}, own, Deadline::in(1min))), JobError);
}

TEST_F(LocalFile, ThatIsNoFileIsSaid) {
    ASSERT_EQ(::mkfifo((root / "allowed/pipe").c_str(), 0600), 0);
    EXPECT_THAT(failure<JobError>({"kernel", url("/pipe")}), EndsWith("/pipe': it is no file")) << "and not waited for";
    EXPECT_THAT(failure<JobError>({"kernel", url("/sub")}), EndsWith("/sub': it is no file"));
    EXPECT_THAT(failure<JobError>({"kernel", url("/none")}), HasSubstr("No such file"));
}

TEST_F(LocalFile, ThatMayNotBeReadIsSaid) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
    std::filesystem::permissions(root / "allowed/Image", std::filesystem::perms::none);
    EXPECT_THAT(failure<JobError>({"kernel", url("/Image")}), EndsWith("the lab's runner may not read it"));
}

TEST_F(LocalFile, OfAnySizeIsGivenUpWhenTheTimeIsOver) {
    std::filesystem::resize_file(root / "allowed/Image", std::uintmax_t{1} << 40);  // hashing it would take an hour
    EXPECT_THROW(run(io, download({"kernel", url("/Image")}, context(), Deadline::in(50ms))), TimedOut);
    EXPECT_EQ(unfinished(), 0u);
}

TEST_F(LocalFile, WhoseDiskFailsIsTheLabsProblem) {
    // The first page of a process's memory cannot be read.
    EXPECT_THROW(hash_file("/proc/self/mem", StopFlag{false}), InfrastructureError);
}

TEST_F(LocalFile, IsHashedOnceUntilItChanges) {
    EXPECT_FALSE(fetch({"kernel", url("/Image")}).cached);
    EXPECT_TRUE(fetch({"kernel", url("/Image")}).cached);
    write("allowed/Image", "KERNEL");
    EXPECT_FALSE(fetch({"kernel", url("/Image")}).cached);
}

TEST_F(LocalFile, IsDecompressedAndUnpackedToo) {
    tool("cd allowed && gzip -nk Image && tar -cf tree.tar Image sub");
    DownloadRequest packed{"kernel", url("/Image.gz")};
    packed.compression = "gz";
    fetch(packed);
    EXPECT_EQ(read("job/kernel/Image"), "kernel");
    DownloadRequest tree{"rootfs", url("/tree.tar")};
    tree.archive = "tar";
    EXPECT_EQ(fetch(tree).path, root / "job/rootfs/rootfs");
    EXPECT_EQ(read("job/rootfs/rootfs/sub/disk"), "disk");
}

TEST_F(LocalFile, UnpackingEmptiesOnlyTheFolderOfItsKey) {
    tool("cd allowed && tar -cf tree.tar Image");
    DownloadRequest tree{"../../outside", url("/tree.tar")};
    tree.archive = "tar";
    EXPECT_THAT(failure<JobError>(tree), HasSubstr("'../../outside' cannot be the name of an image"));
    tree.key = (root / "outside").string();
    failure<JobError>(tree);
    EXPECT_EQ(read("outside/secret"), "secret");
}

using Downloads = LocalFile;

TEST_F(Downloads, OfAnEarlierActionAreTaken) {
    write("downloads/rootfs.img", "made before");
    EXPECT_EQ(fetch({"rootfs", "downloads://rootfs.img"}).size, 11u);
    EXPECT_EQ(read("job/rootfs/rootfs.img"), "made before");
}

TEST_F(Downloads, ThatAreMissingListWhatIsThere) {
    write("downloads/b", "");
    write("downloads/a", "");
    EXPECT_EQ(failure<JobError>({"rootfs", "downloads://c"}), "Resource unavailable: c (available: a, b)");
    EXPECT_THAT(failure<JobError>({"rootfs", "downloads://../outside/secret"}), HasSubstr("Resource unavailable: "));
    std::filesystem::create_symlink(root / "outside/secret", root / "downloads/link");
    EXPECT_THAT(failure<JobError>({"rootfs", "downloads://link"}), HasSubstr("Resource unavailable: "));
}

}  // namespace
}  // namespace patchbay::testing
