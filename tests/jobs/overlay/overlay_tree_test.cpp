// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/overlay_tree.hpp"
#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

using OverlayTreeTest = ScratchTest;

TEST_F(OverlayTreeTest, MakesTheFoldersAboveAFile) {
    OverlayTree tree;
    tree.add_file("/a//b/./c", "text");
    ASSERT_NE(tree.find("a/b"), nullptr);
    EXPECT_EQ(tree.find("a/b")->kind, OverlayTree::Kind::directory);
    EXPECT_EQ(tree.read("a/b/c"), "text");
    EXPECT_EQ(tree.nodes().size(), 3u);
}

TEST_F(OverlayTreeTest, HoldsNothingOutsideItself) {
    OverlayTree tree;
    EXPECT_THROW(tree.add_file("../x", ""), JobError);
    EXPECT_THROW(tree.add_file("a/../../x", ""), JobError);
    EXPECT_THROW(tree.add_file("/", ""), JobError);
    tree.add_symlink("link", "/etc");
    EXPECT_THROW(tree.add_file("link/passwd", ""), JobError);
    tree.add_file("dir/file", "");
    EXPECT_THROW(tree.add_file("dir", ""), JobError);
}

TEST_F(OverlayTreeTest, TakesAFolderAsItsRoot) {
    write("files/usr/share/note", "text");
    for (const auto* path : {"/", "", "/./"}) {
        OverlayTree tree;
        tree.add_host_directory(path, root / "files", go);
        EXPECT_EQ(tree.read("usr/share/note"), "text") << path;
        EXPECT_EQ(tree.nodes().size(), 3u);
    }
}

TEST_F(OverlayTreeTest, ALaterFileReplacesAnEarlierOne) {
    OverlayTree tree;
    tree.add_file("a", "old");
    tree.add_file("a", "new!", 0755);
    EXPECT_EQ(tree.read("a"), "new!");
    EXPECT_EQ(tree.find("a")->mode, 0755u);
    EXPECT_EQ(tree.size(), 4u);
}

TEST_F(OverlayTreeTest, GivesWhatIsBelowAFolder) {
    OverlayTree tree;
    tree.add_file("lava-1/bin/a", "1");
    tree.add_file("lava-10/bin/b", "2");
    const auto below = tree.below("/lava-1");
    EXPECT_EQ(below.read("bin/a"), "1");
    EXPECT_EQ(below.nodes().size(), 2u);
}

TEST_F(OverlayTreeTest, IsWrittenAsAFolder) {
    OverlayTree tree;
    tree.add_file("a/run", "text", 0755);
    tree.add_symlink("a/link", "run");
    write_folder(tree, root / "out", go);
    EXPECT_EQ(read("out/a/link"), "text");
    EXPECT_EQ(tool("stat -c %a out/a/run"), "755\n");
    EXPECT_THROW(write_folder(tree, "/proc/nowhere", go), InfrastructureError);
}

TEST_F(OverlayTreeTest, NoticesAFileThatChangedMeanwhile) {
    for (const std::size_t size : {std::size_t{262144}, std::size_t{262154}, std::size_t{3}, std::size_t{0}}) {
        write("file", std::string(size, 'x'));
        OverlayTree tree;
        tree.add_host_file("a", root / "file");
        std::string bytes;
        const auto read_it = [&] {
            read_host_file(*tree.find("a"), go, [&bytes](std::string_view piece) { bytes += piece; });
        };
        read_it();
        EXPECT_EQ(bytes, read("file"));
        for (const auto changed : {size + 10, size / 2, size + 1}) {
            if (changed == size) continue;
            std::filesystem::resize_file(root / "file", changed);
            EXPECT_THROW(read_it(), InfrastructureError) << size << " " << changed;
        }
    }
    OverlayTree tree;
    tree.add_host_file("a", "/proc/self/mem");
    EXPECT_THROW(make_cpio(tree), InfrastructureError);
    EXPECT_THROW(write_tar_gz(tree, root / "a.tar.gz", go), InfrastructureError);
}

TEST_F(OverlayTreeTest, OfAnySizeIsGivenUpWhenTold) {
    write("file", "text");
    write("tar", std::string(1024, '\0'));
    OverlayTree tree;
    tree.add_host_file("a", root / "file");
    const StopFlag stop{true};
    EXPECT_THROW(write_folder(tree, root / "out", stop), Stopped);
    EXPECT_THROW(append_to_initramfs(root / "file", tree, stop), Stopped);
    EXPECT_THROW(append_to_tar(root / "tar", tree, stop), Stopped);
    EXPECT_THROW(tree.add_host_directory("b", root, stop), Stopped);
    EXPECT_THROW(read_host_file(*tree.find("a"), stop, [](std::string_view) {}), Stopped);
}

}  // namespace
}  // namespace patchbay
