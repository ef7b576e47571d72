// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

using TarTest = ScratchTest;

OverlayTree small_tree() {
    OverlayTree tree;
    tree.add_file("/lava-42/bin/run", "#!/bin/sh\n", 0755);
    tree.add_symlink("lava-42/link", "bin/run");
    tree.add_file("lava-42/" + std::string(120, 'n'), "long name");
    return tree;
}

TEST_F(TarTest, TheTarToolUnpacksTheOverlay) {
    write_tar_gz(small_tree(), root / "overlay.tar.gz", go);
    EXPECT_EQ(tool("mkdir out && tar -C out -xzf overlay.tar.gz"), "");
    EXPECT_EQ(read("out/lava-42/link"), "#!/bin/sh\n");
    EXPECT_EQ(read("out/lava-42/" + std::string(120, 'n')), "long name");
    EXPECT_EQ(tool("stat -c %a out/lava-42/bin/run"), "755\n");
    EXPECT_EQ(tool("tar -tvzf overlay.tar.gz | awk '{print $2}' | sort -u"), "root/root\n");
}

TEST_F(TarTest, TheSameTreeMakesTheSameBytes) {
    write_tar_gz(small_tree(), root / "a", go);
    write_tar_gz(small_tree(), root / "b", go);
    EXPECT_EQ(read("a"), read("b"));
}

TEST_F(TarTest, AFolderThatIsNotThereIsTheLabsProblem) {
    EXPECT_THROW(write_tar_gz(small_tree(), root / "no/overlay.tar.gz", go), InfrastructureError);
}

TEST_F(TarTest, IsAppendedToATarImage) {
    for (const auto* format : {"gnu", "ustar", "pax", "v7"}) {
        tool(
            "rm -rf src out image.tar && mkdir src && echo init > src/init && head -c 3000 /dev/zero > src/zero && tar "
            "-C src "
            "--format=" +
            std::string{format} + " -cf image.tar .");
        append_to_tar(root / "image.tar", small_tree(), go);
        EXPECT_EQ(tool("mkdir out && tar -C out -xf image.tar"), "") << format;
        EXPECT_EQ(read("out/init"), "init\n");
        EXPECT_EQ(read("out/zero").size(), 3000u);
        EXPECT_EQ(read("out/lava-42/bin/run"), "#!/bin/sh\n");
    }
}

TEST_F(TarTest, SaysNothingOfFoldersThatAreOnlyOnTheWay) {
    OverlayTree tree;
    tree.add_file("/root/.profile", "");
    tree.add_directory("/tmp/lava-1", 0750);
    write_tar_gz(tree, root / "overlay.tar.gz", go);
    EXPECT_EQ(tool("tar -tzf overlay.tar.gz"), "root/.profile\ntmp/lava-1/\n");
    EXPECT_EQ(tool("mkdir -p out/root && chmod 700 out/root && tar -C out -xzf overlay.tar.gz && stat -c '%a %n' "
                   "out/root out/tmp/lava-1"),
              "700 out/root\n750 out/tmp/lava-1\n");
}

TEST_F(TarTest, WhatIsNoTarIsRefused) {
    write("image.tar", std::string(2000, 'x'));
    EXPECT_THROW(append_to_tar(root / "image.tar", small_tree(), go), JobError);
    EXPECT_EQ(read("image.tar"), std::string(2000, 'x'));
}

TEST_F(TarTest, ACutTarIsRefused) {
    tool("head -c 3000 /dev/zero > big && tar -cf whole.tar big && head -c 1024 whole.tar > image.tar");
    EXPECT_THROW(append_to_tar(root / "image.tar", small_tree(), go), JobError);
    tool("head -c 3072 whole.tar > image.tar");
    EXPECT_THROW(append_to_tar(root / "image.tar", small_tree(), go), JobError);
    EXPECT_EQ(read("image.tar").size(), 3072u) << "nothing is written into it";
}

}  // namespace
}  // namespace patchbay
