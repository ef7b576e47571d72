// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "tests/jobs/overlay/scratch.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

class Ext4Test : public ScratchTest {
protected:
    std::string make_drive(OverlayTree tree, std::uint64_t bytes) {
        return testing::run(
            io, write_ext2(workers, std::move(tree), root / "drive", bytes, root / "scratch", Deadline::in(1min)));
    }
    void write_into(const std::string& image, OverlayTree tree, std::uint64_t offset = 0) {
        testing::run(
            io, write_into_ext4(workers, root / image, offset, std::move(tree), root / "scratch", Deadline::in(1min)));
    }
    asio::io_context io;
    asio::thread_pool workers{1};
};

OverlayTree small_tree() {
    OverlayTree tree;
    tree.add_file("bin/run me", "#!/bin/sh\n", 0755);
    tree.add_symlink("link", "bin/run me");
    tree.add_directory("results");
    return tree;
}

TEST_F(Ext4Test, TheDriveHoldsTheOverlayAndItsLabel) {
    const auto uuid = make_drive(small_tree(), std::uint64_t{512} << 20);
    EXPECT_EQ(tool("e2fsck -fn drive > /dev/null 2>&1"), "");
    const auto head = tool("dumpe2fs -h drive");
    EXPECT_NE(head.find("Filesystem volume name:   LAVA\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Filesystem UUID:          " + uuid + "\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("has_journal"), std::string::npos) << "the guest mounts it as ext2";
    EXPECT_EQ(tool("debugfs -R 'cat \"/bin/run me\"' drive 2>/dev/null"), "#!/bin/sh\n");
    const auto stat = tool("debugfs -R 'stat \"/bin/run me\"' drive 2>/dev/null");
    EXPECT_NE(stat.find("Mode:  0755"), std::string::npos) << stat;
    EXPECT_NE(stat.find("User:     0   Group:     0"), std::string::npos) << stat;
    EXPECT_EQ(std::filesystem::file_size(root / "drive"), std::uint64_t{512} << 20);
    EXPECT_LT(std::stol(tool("du -k drive")), 16 * 1024) << "not sparse";
    EXPECT_FALSE(std::filesystem::exists(root / "scratch"));
}

TEST_F(Ext4Test, ADriveThatIsTooSmallSaysSo) {
    OverlayTree tree;
    tree.add_file("big", std::string(8 << 20, 'x'));
    EXPECT_THROW(make_drive(std::move(tree), std::uint64_t{4} << 20), InfrastructureError);
}

TEST_F(Ext4Test, WritesIntoAnImageAndReplacesWhatIsThere) {
    for (const auto* kind : {"ext2", "ext4"}) {
        tool(
            "rm -rf src image && mkdir -p src/bin && echo old > 'src/bin/run me' && echo stays > src/bin/other && "
            "mke2fs -q -t " +
            std::string{kind} + " -d src image 16M");
        write_into("image", small_tree());
        EXPECT_EQ(tool("e2fsck -fn image > /dev/null 2>&1"), "") << kind;
        EXPECT_EQ(tool("debugfs -R 'cat \"/bin/run me\"' image 2>/dev/null"), "#!/bin/sh\n");
        EXPECT_EQ(tool("debugfs -R 'cat /bin/other' image 2>/dev/null"), "stays\n");
        const auto stat = tool("debugfs -R 'stat \"/bin/run me\"' image 2>/dev/null");
        EXPECT_NE(stat.find("Mode:  0755"), std::string::npos) << stat;
    }
}

TEST_F(Ext4Test, FollowsTheLinksOfTheImage) {
    tool("mkdir -p src/usr/lib && ln -s usr/lib src/lib && mke2fs -q -t ext4 -d src image 8M");
    OverlayTree tree;
    tree.add_file("lib/modules/a.ko", "module");
    write_into("image", std::move(tree));
    EXPECT_EQ(tool("e2fsck -fn image > /dev/null 2>&1"), "");
    EXPECT_EQ(tool("debugfs -R 'cat /usr/lib/modules/a.ko' image 2>/dev/null"), "module");
}

TEST_F(Ext4Test, AFolderTakesNoFilesPlace) {
    tool("mkdir src && echo file > src/name && mke2fs -q -t ext4 -d src image 8M");
    OverlayTree tree;
    tree.add_directory("name");
    EXPECT_THROW(write_into("image", std::move(tree)), JobError);
}

TEST_F(Ext4Test, WritesIntoAPartition) {
    tool(
        "mke2fs -q -t ext4 part 8M && truncate -s 16M disk && echo '2048,16384,83' | sfdisk -q disk && dd if=part "
        "of=disk "
        "bs=512 seek=2048 conv=notrunc status=none");
    const auto offset = partition_offset(root / "disk", 0);
    EXPECT_EQ(offset, 2048u * 512);
    write_into("disk", small_tree(), offset);
    tool("dd if=disk of=part2 bs=512 skip=2048 count=16384 status=none");
    EXPECT_EQ(tool("e2fsck -fn part2 > /dev/null 2>&1"), "");
    EXPECT_EQ(tool("debugfs -R 'cat \"/bin/run me\"' part2 2>/dev/null"), "#!/bin/sh\n");
}

TEST_F(Ext4Test, AFullOrForeignImageIsTheJobsProblem) {
    write("image", std::string(1 << 20, 'x'));
    EXPECT_THROW(write_into("image", small_tree()), JobError);
    tool("mke2fs -q -t ext2 full 1M");
    OverlayTree tree;
    tree.add_file("big", std::string(4 << 20, 'x'));
    EXPECT_THROW(write_into("full", std::move(tree)), JobError);
}

TEST_F(Ext4Test, AnImageWithoutRoomForSoManyFilesSaysWhatToDo) {
    tool("mkdir src && mke2fs -q -t ext4 -N 16 -d src image 8M");
    OverlayTree tree;
    for (int number = 0; number < 40; ++number) tree.add_file("file-" + std::to_string(number), "x");
    try {
        write_into("image", std::move(tree));
        FAIL() << "more files than the image has room for";
    } catch (const JobError& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("its file system is full: make it larger"), std::string::npos) << text;
    }
}

TEST_F(Ext4Test, NeverTouchesAnImageThatOthersShare) {
    tool("mke2fs -q -t ext4 blob 8M && ln blob image && sha256sum < blob > before");
    write_into("image", small_tree());
    EXPECT_EQ(tool("sha256sum < blob"), read("before"));
}

}  // namespace
}  // namespace patchbay
