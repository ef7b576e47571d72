// SPDX-License-Identifier: Apache-2.0
#include "core/whole_file.hpp"
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

TEST_F(CommandsTest, ArtifactsAreListed) {
    EXPECT_EQ(patchbay({"artifacts", "42"}), 0) << err();
    EXPECT_EQ(out(), "NAME        TYPE       BYTES\n0_tone.wav  audio/wav      5\n");
    EXPECT_EQ(patchbay({"--json", "artifacts", "42"}), 0);
    EXPECT_EQ(out(), "[{\"name\":\"0_tone.wav\",\"type\":\"audio/wav\",\"size\":5}]\n");
}

TEST_F(CommandsTest, ArtifactsAreFetchedByteForByte) {
    const auto folder = folder_ / "sound";
    EXPECT_EQ(patchbay({"artifacts", "42", "--output-dir", folder.string()}), 0) << err();
    EXPECT_EQ(out(), (folder / "0_tone.wav").string() + "\n");
    EXPECT_EQ(read_whole_file(folder / "0_tone.wav"), (std::string{"RI\0F\n", 5}));
}

TEST_F(CommandsTest, ArtifactsStayInTheirFolder) {
    for (const auto* name : {"../.profile", ".profile", "/etc/passwd", ""}) {
        artifact_ = name;
        EXPECT_EQ(patchbay({"artifacts", "42", "--output-dir", (folder_ / "sound").string()}), 1) << name;
        EXPECT_NE(err().find("it is not written"), std::string::npos) << err();
    }
    EXPECT_FALSE(std::filesystem::exists(folder_ / ".profile"));
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "sound"));
}

TEST_F(CommandsTest, ArtifactsOfNoJob) { EXPECT_EQ(patchbay({"artifacts", "404"}), 1); }

}  // namespace
}  // namespace patchbay::cli
