// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/root_folder.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "tests/jobs/overlay/scratch.hpp"
#include "tests/support/no_openat2.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class RootFolder : public ScratchTest {
protected:
    void SetUp() override {
        ScratchTest::SetUp();
        inside = root / "root";
        fs::create_directories(inside / "usr/lib");
    }
    std::string text(const std::string& file) const { return read("root/" + file); }

    fs::path inside;
    StopFlag stop{false};
    OverlayTree tree;
};

TEST_F(RootFolder, FollowsALinkOfAMergedUsr) {
    fs::create_symlink("usr/lib", inside / "lib");
    tree.add_file("lib/modules/6.1/dep", "dep");
    write_into_root(tree, inside, stop);
    EXPECT_EQ(text("usr/lib/modules/6.1/dep"), "dep");
    EXPECT_TRUE(fs::is_symlink(inside / "lib"));
}

TEST_F(RootFolder, IsWrittenWhereAServiceMayMakeNoSetuidPrograms) {
    fs::create_symlink("usr/lib", inside / "lib");
    tree.add_file("lib/modules/dep", "dep");
    const auto write = [&] { EXPECT_NO_THROW(write_into_root(tree, inside, stop)); };
    if (!testing::without_openat2(write)) GTEST_SKIP() << "the kernel takes no filter of system calls";
    EXPECT_EQ(text("usr/lib/modules/dep"), "dep");
}

TEST_F(RootFolder, KeepsAbsoluteAndClimbingLinksInside) {
    fs::create_directories(root / "outside");
    fs::create_symlink("/usr/lib", inside / "abs");
    fs::create_symlink("../../../../../../usr/lib", inside / "climb");
    tree.add_file("abs/a", "a");
    tree.add_file("climb/b", "b");
    write_into_root(tree, inside, stop);
    EXPECT_EQ(text("usr/lib/a") + text("usr/lib/b"), "ab");
    EXPECT_FALSE(fs::exists("/usr/lib/a"));
}

TEST_F(RootFolder, ReplacesALinkInsteadOfWritingThroughIt) {
    std::ofstream{root / "host"} << "host";
    fs::create_symlink(root / "host", inside / "file");
    tree.add_file("file", "new", 0640);
    write_into_root(tree, inside, stop);
    EXPECT_EQ(text("file"), "new");
    EXPECT_EQ(read("host"), "host");
    EXPECT_EQ(fs::status(inside / "file").permissions(), fs::perms{0640});
}

TEST_F(RootFolder, LeavesFoldersThatAreThereAsTheyAre) {
    fs::permissions(inside / "usr", fs::perms{0711});
    tree.add_directory("usr", 0777);
    tree.add_symlink("usr/link", "lib");
    write_into_root(tree, inside, stop);
    EXPECT_EQ(fs::status(inside / "usr").permissions(), fs::perms{0711});
    EXPECT_EQ(fs::read_symlink(inside / "usr/link"), "lib");
}

TEST_F(RootFolder, OfAFileInTheWayIsTheJobsProblem) {
    std::ofstream{inside / "lib"} << "a file";
    tree.add_file("lib/x", "x");
    EXPECT_THROW(write_into_root(tree, inside, stop), JobError);
    OverlayTree other;
    other.add_file("usr", "x");
    EXPECT_THROW(write_into_root(other, inside, stop), JobError);
}

TEST_F(RootFolder, StopsWhenItIsTold) {
    tree.add_file("a", "x");
    stop = true;
    EXPECT_THROW(write_into_root(tree, inside, stop), Stopped);
}

}  // namespace
}  // namespace patchbay
