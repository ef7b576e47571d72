// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/initramfs.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

class Initramfs : public ScratchTest {
protected:
    void SetUp() override {
        ScratchTest::SetUp();
        tool("mkdir t; echo init > t/init; cd t; echo init | cpio -o -H newc --quiet > ../plain");
    }
    void ready(const std::string& name, UBootHeader header = UBootHeader::absent) const {
        UnpackOptions options;
        options.shown = name;
        options.limits.bytes = 1 << 20;
        make_appendable(root / name, header, options, go);
    }
};

TEST_F(Initramfs, OfEveryCompressionOfTheKernelsIsTakenAsItIs) {
    tool("gzip -k plain; xz -k --check=crc32 plain; bzip2 -k plain; zstd -q plain; xz -k --format=lzma plain");
    for (const std::string name : {"plain", "plain.gz", "plain.xz", "plain.bz2", "plain.zst", "plain.lzma"}) {
        const auto before = read(name);
        EXPECT_NO_THROW(ready(name)) << name;
        EXPECT_EQ(read(name), before) << name;
    }
}

TEST_F(Initramfs, OfLz4IsDecompressedSinceItHasNoEnd) {
    if (tool("command -v lz4").empty()) GTEST_SKIP() << "lz4 is not installed";
    tool("lz4 -q -l plain old.lz4");
    ready("old.lz4");
    EXPECT_EQ(read("old.lz4"), read("plain"));
}

TEST_F(Initramfs, ThatIsNoneIsTheJobsProblem) {
    write("text", "no archive");
    write("empty", "");
    tool("gzip -k text; printf '\\002\\041\\114\\030broken' > broken.lz4");
    for (const std::string name : {"text", "text.gz", "empty", "broken.lz4"}) {
        EXPECT_THROW(ready(name), JobError) << name;
    }
}

TEST_F(Initramfs, LosesTheHeaderThatTheJobNames) {
    tool("{ printf '\\047\\005\\031\\126'; head -c 60 /dev/zero; cat plain; } > image");
    ready("image", UBootHeader::present);
    EXPECT_EQ(read("image"), read("plain"));
    EXPECT_THROW(ready("plain", UBootHeader::present), JobError);
}

TEST_F(Initramfs, GetsALargeTreeInItsOwnCompression) {
    OverlayTree tree;
    tree.add_file("lib/big", std::string(2 << 20, 'x'));
    for (const std::string kind : {"gz", "xz", "bz2", "zstd"}) {
        tool("cp plain image");
        append_to_initramfs(root / "image", tree, go, kind);
        EXPECT_LT(read("image").size(), 100'000u) << kind;
    }
    tool("cp plain image");
    append_to_initramfs(root / "image", tree, go, "gz");
    EXPECT_EQ(tool("tail -c +$(($(stat -c %s plain) + 1)) image | gzip -d | cpio -it --quiet"), "lib\nlib/big\n");
}

}  // namespace
}  // namespace patchbay
