// SPDX-License-Identifier: Apache-2.0
// Archives of strangers: nothing outside the folder is written, read or linked, and there are bounds.
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Archive : DownloadTest {
    UnpackOptions options;
    Archive() { std::filesystem::create_directory(root / "out"); }
    void unpack(const std::string& name = "x.tar") {
        options.shown = name;
        const StopFlag stop{false};
        extract_archive(root / name, root / "out", options, stop);
    }
    std::string refusal(const std::string& name = "x.tar") {
        try {
            unpack(name);
        } catch (const JobError& error) {
            return error.what();
        }
        ADD_FAILURE() << "no error";
        return {};
    }
};

TEST_F(Archive, OfEveryFormOfTarIsUnpacked) {
    const auto longest = std::string(150, 'n');
    tool("mkdir -p 'src/a b' && echo one > 'src/a b/one' && ln -s 'a b/one' src/link && ln 'src/a b/one' src/hard");
    for (const auto* form : {"gnu", "pax", "ustar", "v7"}) {
        tool("rm -rf out && mkdir out && tar -C src --format=" + std::string{form} + " -cf x.tar .");
        unpack();
        EXPECT_EQ(read("out/a b/one"), "one\n") << form;
        EXPECT_EQ(read("out/link"), "one\n") << form;
        EXPECT_EQ(read("out/hard"), "one\n") << form;
    }
}

TEST_F(Archive, KeepsSparseFilesSparse) {
    tool("mkdir src && truncate -s 100M src/disk && echo end >> src/disk && tar -C src -Scf x.tar disk");
    unpack();
    EXPECT_EQ(std::filesystem::file_size(root / "out/disk"), (std::uintmax_t{100} << 20) + 4);
    struct stat status {};
    ASSERT_EQ(::stat((root / "out/disk").c_str(), &status), 0);
    EXPECT_LT(status.st_blocks * 512, 4 << 20);
}

TEST_F(Archive, LeavesOffLeadingFolders) {
    tool("mkdir -p top/in && echo f > top/in/file && echo g > top/g && tar -cf x.tar top");
    options.strip_components = 1;
    unpack();
    EXPECT_EQ(read("out/in/file"), "f\n");
    EXPECT_EQ(read("out/g"), "g\n");
}

TEST_F(Archive, ThatClimbsIsRefused) {
    tool("mkdir sub && echo x > evil && tar -C sub -Pcf x.tar ../evil");
    EXPECT_EQ(refusal(), "'x.tar' holds a path with '..'");
    tool("echo x > evil && tar -Pcf x.tar --transform 's,^,a/../../,' evil");
    EXPECT_EQ(refusal(), "'x.tar' holds a path with '..'");
}

TEST_F(Archive, MayBeAZipFileWithinTheSameBounds) {
    tool("mkdir -p top/in && echo f > top/in/file && cd top && python3 -m zipfile -c ../x.zip in");
    unpack("x.zip");
    EXPECT_EQ(read("out/in/file"), "f\n");
    tool("python3 -c \"import zipfile; zipfile.ZipFile('y.zip', 'w').writestr('../evil', 'x')\"");
    EXPECT_EQ(refusal("y.zip"), "'y.zip' holds a path with '..'");
    EXPECT_FALSE(std::filesystem::exists(root / "evil"));
    options.limits.bytes = 1;
    EXPECT_NE(refusal("x.zip"), "");
}

TEST_F(Archive, OfAbsolutePathsIsRefused) {
    tool("echo x > evil && tar -Pcf x.tar \"$PWD/evil\" && rm evil");
    EXPECT_EQ(refusal(), "'x.tar' holds the absolute path '" + (root / "evil").string() + "'");
    EXPECT_FALSE(std::filesystem::exists(root / "evil"));
}

TEST_F(Archive, ThatWritesThroughALinkIsRefused) {
    tool(
        "mkdir -p outside one two/link && ln -s ../outside one/link && echo x > two/link/file && "
        "tar -C one -cf x.tar link && tar -C two -rf x.tar link/file");
    EXPECT_THAT(refusal(), StartsWith("'x.tar': cannot unpack 'link/file': "));
    EXPECT_TRUE(std::filesystem::is_empty(root / "outside"));
}

TEST_F(Archive, AFileAfterALinkOfItsNameReplacesTheLink) {
    write("outside/file", "ours");
    tool(
        "mkdir one two && ln -s ../outside/file one/file && echo theirs > two/file && "
        "tar -C one -cf x.tar file && tar -C two -rf x.tar file");
    unpack();
    EXPECT_EQ(read("outside/file"), "ours");
    EXPECT_EQ(read("out/file"), "theirs\n");
}

TEST_F(Archive, ThatLinksToAFileOfThisHostIsRefused) {
    write("outside/secret", "of this host");
    // A hard link whose target goes through a link of the archive, and one that is absolute.
    tool(
        "mkdir -p t/esc t/in && ln -s ../outside one && echo x > t/esc/secret && ln t/esc/secret t/in/copy && "
        "tar -cf x.tar --transform 's,^one$,esc,' one && tar -C t -rf x.tar --no-recursion esc/secret in/copy && "
        "tar -C t -cf only.tar esc/secret in/copy && tar --delete -f only.tar esc/secret && "
        "tar -cf y.tar --transform 's,^one$,esc,' one && tar -Af y.tar only.tar");
    EXPECT_THAT(refusal("y.tar"), StartsWith("'y.tar': cannot unpack 'in/copy': "));
    EXPECT_FALSE(std::filesystem::exists(root / "out/in/copy"));
}

TEST_F(Archive, ItsDevicesAndPipesAreLeftOut) {
    tool("mkdir src && mkfifo src/pipe && echo f > src/file");
    if (::geteuid() == 0) tool("mknod src/null c 1 3 && mknod src/disk b 8 0");
    tool("tar -C src -cf x.tar .");
    unpack();
    EXPECT_EQ(read("out/file"), "f\n");
    for (const auto* name : {"pipe", "null", "disk"})
        EXPECT_FALSE(std::filesystem::exists(root / "out" / name)) << name;
}

TEST_F(Archive, GivesNobodyMoreRights) {
    tool(
        "mkdir src && echo x > src/suid && chmod 6755 src/suid && echo y > src/closed && mkdir src/locked && "
        "tar -C src -cf x.tar suid && tar -C src --mode=0000 -rf x.tar closed locked");
    unpack();
    struct stat status {};
    ASSERT_EQ(::stat((root / "out/suid").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07000U, 0u);
    EXPECT_EQ(status.st_uid, ::geteuid());
    EXPECT_EQ(read("out/closed"), "y\n") << "whoever unpacked it can read it";
    EXPECT_GT(std::filesystem::remove_all(root / "out"), 0u) << "and remove it";
}

/// "mode owner group" of a folder.
std::string rights_of(const std::filesystem::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return "none";
    std::ostringstream text;
    text << std::oct << (status.st_mode & 07777) << std::dec << ' ' << status.st_uid << ' ' << status.st_gid;
    return text.str();
}

TEST_F(Archive, GivesFoldersThatItDoesNotNameTheRightsOfASystems) {
    tool(
        "mkdir -p src/usr/share/doc src/home && echo f > src/usr/share/doc/file && echo h > src/home/file && "
        "chmod 711 src/home && tar -C src --owner=1000 --group=1001 --numeric-owner -cf x.tar usr/share/doc/file home");
    options.keep = Keep::root_file_system;
    // As the unit of the runner has it; and the folder may be another user's.
    const auto before = ::umask(0027);
    std::filesystem::permissions(root / "out", std::filesystem::perms{0750});
    const bool owned = may_set_owners();
    if (owned) {
        ASSERT_EQ(::chown((root / "out").c_str(), 7, 7), 0);
    }
    unpack();
    ::umask(before);
    const auto ours = " " + std::to_string(::geteuid()) + " " + std::to_string(::getegid());
    for (const auto* implied : {"out", "out/usr", "out/usr/share", "out/usr/share/doc"})
        EXPECT_EQ(rights_of(root / implied), "755" + (owned ? std::string{" 0 0"} : ours)) << implied;
    EXPECT_EQ(rights_of(root / "out/home"), "711" + (owned ? std::string{" 1000 1001"} : ours));
}

TEST_F(Archive, GivesTheTopFolderTheRightsOfItsEntry) {
    tool("mkdir src && chmod 711 src && tar -C src --owner=1000 --group=1001 --numeric-owner -cf x.tar .");
    options.keep = Keep::root_file_system;
    unpack();
    const auto ours = " " + std::to_string(::geteuid()) + " " + std::to_string(::getegid());
    EXPECT_EQ(rights_of(root / "out"), "711" + (may_set_owners() ? std::string{" 1000 1001"} : ours));
}

TEST_F(Archive, OfTooManyFilesEndsAtTheLimit) {
    tool("mkdir src && cd src && for i in 1 2 3 4 5 6 7 8 9; do : > $i; done && tar -cf ../x.tar *");
    options.limits.entries = 8;
    EXPECT_EQ(refusal(),
              "'x.tar' holds too many files: the limit is 8 files; use a disk image, or leave out what the "
              "job does not need");
}

TEST_F(Archive, OfTooManyBytesEndsAtTheLimit) {
    options.limits.bytes = 1 << 20;
    const std::string text =
        "'x.tar.gz' is too large when unpacked: the limit of this lab is 1048576 bytes; use a "
        "smaller one, or let the lab's owner raise 'unpack_limit' in lab.yaml";
    tool("mkdir src && head -c 30000000 /dev/zero > src/bomb && tar -C src -czf x.tar.gz bomb");
    EXPECT_EQ(refusal("x.tar.gz"), text);
    EXPECT_LT(std::filesystem::exists(root / "out/bomb") ? std::filesystem::file_size(root / "out/bomb") : 0, 2u << 20);
    tool(
        "rm -r src && mkdir src && for i in 1 2 3 4; do head -c 400000 /dev/zero > src/$i; done && "
        "tar -C src -czf x.tar.gz .");
    EXPECT_EQ(refusal("x.tar.gz"), text) << "all files count together";
}

TEST_F(Archive, ThatIsCutOrNoneIsRefused) {
    tool(
        "head -c 300000 /dev/urandom > big && tar -cf whole.tar big && head -c 200000 whole.tar > cut.tar && "
        "echo text > text.tar && head -c 400000 /dev/urandom > noise.tar");
    for (const auto* name : {"cut.tar", "text.tar", "noise.tar"}) {
        EXPECT_THAT(refusal(name), StartsWith("cannot unpack '" + std::string{name} + "': ")) << name;
    }
}

TEST_F(Archive, StopsWhenToldTo) {
    tool("echo a > a && tar -cf x.tar a");
    const StopFlag stop{true};
    EXPECT_THROW(extract_archive(root / "x.tar", root / "out", options, stop), Stopped);
}

}  // namespace
}  // namespace patchbay::testing
