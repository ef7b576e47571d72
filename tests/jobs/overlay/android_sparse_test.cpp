// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/android_sparse.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "core/errors.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

struct AndroidSparse : ScratchTest {
    UnpackLimits limits;

    static std::string little(std::uint32_t value, unsigned count) {
        std::string out;
        for (unsigned i = 0; i < count; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
        return out;
    }
    static std::string header(std::uint32_t blocks, std::uint32_t chunks, std::uint32_t block = 4096) {
        return little(0xed26ff3a, 4) + little(1, 2) + little(0, 2) + little(28, 2) + little(12, 2) + little(block, 4) +
               little(blocks, 4) + little(chunks, 4) + little(0, 4);
    }
    static std::string chunk(std::uint32_t kind, std::uint32_t blocks, const std::string& body) {
        return little(kind, 2) + little(0, 2) + little(blocks, 4) +
               little(12 + static_cast<std::uint32_t>(body.size()), 4) + body;
    }
    std::string expand(const std::string& bytes) {
        write("sparse", bytes);
        expand_sparse(root / "sparse", root / "image", limits, go);
        return read("image");
    }
    std::string refusal(const std::string& bytes) {
        try {
            expand(bytes);
        } catch (const JobError& error) {
            return error.what();
        }
        ADD_FAILURE() << "no error";
        return {};
    }
};

const std::string block_a(4096, 'a');

TEST_F(AndroidSparse, HoldsEveryKindOfChunk) {
    const auto bytes = header(5, 4) + chunk(0xCAC1, 1, block_a) + chunk(0xCAC2, 2, "abcd") + chunk(0xCAC3, 2, "") +
                       chunk(0xCAC4, 0, "crc!");
    std::string expected = block_a;
    for (int i = 0; i < 2048; ++i) expected += "abcd";
    expected += std::string(8192, '\0');
    EXPECT_EQ(expand(bytes), expected);
}

TEST_F(AndroidSparse, ComesBackAsItWas) {
    for (const auto* line :
         {"head -c 40960 /dev/urandom > disk", "truncate -s 1M disk", "printf abc > disk", ": > disk",
          "head -c 100000 /dev/urandom > disk; truncate -s 50M disk; echo end >> disk", "mke2fs -q -t ext4 disk 8M"}) {
        tool("rm -f disk; " + std::string{line});
        make_sparse(root / "disk", root / "sparse", go);
        expand_sparse(root / "sparse", root / "image", limits, go);
        auto expected = read("disk");
        expected.resize((expected.size() + 4095) / 4096 * 4096);
        EXPECT_TRUE(read("image") == expected) << line;
    }
    EXPECT_LT(std::filesystem::file_size(root / "sparse"), 2u << 20) << "empty parts are only counted";
}

TEST_F(AndroidSparse, OfADiskThatCannotBeReadIsNotMade) {
    EXPECT_THROW(make_sparse("/proc/self/mem", root / "sparse", go), InfrastructureError);
    EXPECT_THROW(expand_sparse("/proc/self/mem", root / "image", limits, go), InfrastructureError);
}

TEST_F(AndroidSparse, EmptyPartsTakeNoRoom) {
    const auto blocks = 100'000U;
    EXPECT_EQ(expand(header(blocks, 1) + chunk(0xCAC2, blocks, std::string(4, '\0'))).size(), blocks * 4096ULL);
    struct stat status {};
    ASSERT_EQ(::stat((root / "image").c_str(), &status), 0);
    EXPECT_LT(status.st_blocks * 512, 1 << 20);
}

TEST_F(AndroidSparse, CutAnywhereIsRefused) {
    const auto whole = header(3, 2) + chunk(0xCAC1, 1, block_a) + chunk(0xCAC2, 2, "abcd");
    for (std::size_t cut = 0; cut < whole.size(); cut += cut < 60 || cut > 4100 ? 1 : 97) refusal(whole.substr(0, cut));
}

TEST_F(AndroidSparse, ThatMakesNoSenseIsRefused) {
    EXPECT_THAT(refusal(block_a), ::testing::HasSubstr("is 'sparse' meant to be true?"));
    refusal(header(1, 1, 0) + chunk(0xCAC1, 1, ""));
    refusal(header(1, 1, 6) + chunk(0xCAC1, 1, "123456"));
    refusal(header(1, 1) + chunk(0xCAC9, 1, block_a));
    refusal(header(1, 1) + chunk(0xCAC1, 2, block_a));
    refusal(header(1, 1) + chunk(0xCAC3, 2, ""));
    refusal(header(1, 1) + chunk(0xCAC2, 1, "12345"));
    refusal(header(1, 1) + little(0xCAC1, 2) + little(0, 2) + little(1, 4) + little(3, 4));
}

TEST_F(AndroidSparse, ThatWouldFillTheDiskIsRefused) {
    limits.bytes = 1 << 20;
    EXPECT_THAT(refusal(header(1 << 30, 1) + chunk(0xCAC2, 1 << 30, "abcd")),
                ::testing::HasSubstr("'sparse' is too large when expanded: the limit of this lab is 1048576 bytes"));
}

}  // namespace
}  // namespace patchbay
