// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "jobs/overlay/overlay_formats.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

using CpioTest = ScratchTest;

OverlayTree small_tree() {
    OverlayTree tree;
    tree.add_file("/lava-42/bin/run", "#!/bin/sh\n", 0755);
    tree.add_file("lava-42/odd", "12345");
    tree.add_symlink("lava-42/link", "bin/run");
    tree.add_file("lava-42/empty", "");
    return tree;
}

TEST_F(CpioTest, OneFileIsTheseBytes) {
    OverlayTree tree;
    tree.add_file("a", "hi\n", 0755);
    const std::string zero(1, '\0');
    const std::string file =
        "070701"
        "00000001"
        "000081ED"
        "00000000"
        "00000000"
        "00000001"
        "00000000"
        "00000003"
        "00000000"
        "00000000"
        "00000000"
        "00000000"
        "00000002"
        "00000000"
        "a" +
        zero + "hi\n" + zero;
    const std::string trailer =
        "070701"
        "00000000"
        "00000000"
        "00000000"
        "00000000"
        "00000001"
        "00000000"
        "00000000"
        "00000000"
        "00000000"
        "00000000"
        "00000000"
        "0000000B"
        "00000000"
        "TRAILER!!!" +
        zero;
    auto expected = file + trailer;
    while (expected.size() % 4 != 0) expected += zero;
    EXPECT_EQ(make_cpio(tree), expected);
}

TEST_F(CpioTest, TheCpioToolUnpacksIt) {
    write("x.cpio", make_cpio(small_tree()));
    tool("mkdir out && cd out && cpio -idm --quiet < ../x.cpio");
    EXPECT_EQ(read("out/lava-42/bin/run"), "#!/bin/sh\n");
    EXPECT_EQ(read("out/lava-42/odd"), "12345");
    EXPECT_EQ(read("out/lava-42/link"), "#!/bin/sh\n");
    EXPECT_EQ(tool("stat -c %a out/lava-42/bin/run out/lava-42/odd out/lava-42"), "755\n644\n755\n");
    EXPECT_EQ(tool("cpio -tv --quiet < x.cpio | awk '{print $3 $4}' | sort -u"), "rootroot\n");
    EXPECT_EQ(tool("cpio -t --quiet < x.cpio"),
              "lava-42\nlava-42/bin\nlava-42/bin/run\nlava-42/empty\nlava-42/link\nlava-42/odd\n");
}

TEST_F(CpioTest, BeginsOnAFourByteBoundaryWhateverComesBefore) {
    for (std::uint64_t start = 0; start < 9; ++start) {
        const auto bytes = make_cpio(small_tree(), start);
        const auto magic = bytes.find("070701");
        EXPECT_EQ((start + magic) % 4, 0u) << start;
        EXPECT_LT(magic, 4u) << start;
        EXPECT_EQ(bytes.substr(0, magic), std::string(magic, '\0'));
        EXPECT_EQ((bytes.size() - magic) % 4, 0u);
    }
}

TEST_F(CpioTest, IsAppendedToARamdiskWithoutTouchingWhatIsThere) {
    for (const auto* packer : {"cat", "gzip -n", "xz --check=crc32", "zstd -q"}) {
        tool(
            "rm -rf src initrd && mkdir src && echo init > src/init && cd src && echo init | cpio -o -H newc --quiet "
            "| " +
            std::string{packer} + " > ../initrd");
        const auto before = read("initrd");
        ASSERT_FALSE(before.empty());
        append_to_initramfs(root / "initrd", small_tree(), go);
        const auto after = read("initrd");
        EXPECT_EQ(after.substr(0, before.size()), before) << packer;
        EXPECT_EQ(after.substr(before.size()), make_cpio(small_tree(), before.size())) << packer;
    }
}

TEST_F(CpioTest, FoldersAndLinksOfTheRamdiskStayAsTheyAre) {
    tool(
        "mkdir -p src/usr/lib src/root && mkdir -m 1777 src/tmp && ln -s usr/lib src/lib && chmod 700 src/root && cd "
        "src && find . | cpio -o -H newc --quiet > ../plain && gzip -k ../plain && xz -k --check=crc32 ../plain");
    write("extra/lib/modules/a.ko", "module");
    write("extra/root/.profile", "");
    OverlayTree tree;
    tree.add_host_directory("/", root / "extra", go);
    tree.add_file("/tmp/lava-1/run", "");
    tree.add_file("/var/tmp/x", "");
    tree.add_directory("/opt/lava-2", 0750);
    for (const auto* name : {"plain", "plain.gz", "plain.xz"}) {
        const auto before = read(name);
        append_to_initramfs(root / name, tree, go);
        write("added", read(name).substr(before.size() + (4 - before.size() % 4) % 4));
        EXPECT_EQ(tool("cpio -tv --quiet < added | awk '{print $1 \" \" $NF}'"),
                  "drwxr-xr-x lib/modules\n-rw-r--r-- lib/modules/a.ko\n"
                  "drwxr-xr-x opt\ndrwxr-x--- opt/lava-2\n-rw-r--r-- root/.profile\n"
                  "drwxr-xr-x tmp/lava-1\n-rw-r--r-- tmp/lava-1/run\n"
                  "drwxr-xr-x var\ndrwxrwxrwt var/tmp\n-rw-r--r-- var/tmp/x\n")
            << name;
    }
}

TEST_F(CpioTest, AppendingNeverTouchesAFileThatOthersShare) {
    write("blob", "0123456789");
    std::filesystem::create_hard_link(root / "blob", root / "initrd");
    append_to_initramfs(root / "initrd", small_tree(), go);
    EXPECT_EQ(read("blob"), "0123456789");
    EXPECT_GT(read("initrd").size(), 10u);
}

TEST_F(CpioTest, TheSameTreeMakesTheSameBytes) { EXPECT_EQ(make_cpio(small_tree()), make_cpio(small_tree())); }

TEST_F(CpioTest, HoldsFilesOfThisHost) {
    write("repo/a/b", "deep");
    std::filesystem::create_symlink("a/b", root / "repo/to");
    OverlayTree tree;
    tree.add_host_directory("/t", root / "repo", go);
    write("x.cpio", make_cpio(tree));
    tool("mkdir out && cd out && cpio -idm --quiet < ../x.cpio");
    EXPECT_EQ(read("out/t/a/b"), "deep");
    EXPECT_EQ(read("out/t/to"), "deep");
}

}  // namespace
}  // namespace patchbay
