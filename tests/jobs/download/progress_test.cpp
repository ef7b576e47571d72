// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct ProgressTest : ::testing::Test {
    Progress::Clock::time_point start{};
    std::vector<std::string> lines;
    Progress make(std::optional<std::uint64_t> size) {
        return Progress{size, start, [this](const std::string& line) { lines.push_back(line); }};
    }
};

constexpr std::uint64_t mega = 1024 * 1024;

TEST_F(ProgressTest, ComesEveryFivePercent) {
    auto progress = make(100 * mega);
    progress.add(100 * mega, start);
    progress.finish();
    EXPECT_EQ(lines.size(), 21u) << "0, 5, ... 100 %";
    EXPECT_EQ(lines.at(1), "progress   5% (5MB)");
    EXPECT_EQ(lines.back(), "progress 100% (100MB)");
}

TEST_F(ProgressTest, IsTheSameHoweverTheBytesCome) {
    auto whole = make(10 * mega + 7);
    whole.add(10 * mega + 7, start);
    whole.finish();
    const auto expected = std::exchange(lines, {});
    auto pieces = make(10 * mega + 7);
    for (std::uint64_t left = 10 * mega + 7; left > 0;) {
        const auto piece = std::min<std::uint64_t>(left, 1777);
        pieces.add(piece, start);
        left -= piece;
    }
    pieces.finish();
    EXPECT_EQ(lines, expected);
}

TEST_F(ProgressTest, OfAnUnknownSizeComesEverySecondOr25Megabytes) {
    auto progress = make(std::nullopt);
    progress.add(mega, start + 500ms);
    EXPECT_TRUE(lines.empty());
    progress.add(mega, start + 1s);
    progress.add(25 * mega, start + 1100ms);
    EXPECT_THAT(lines, ElementsAre("progress 2MB", "progress 27MB"));
}

TEST_F(ProgressTest, OfAnEmptyFileIsNoDivisionByZero) {
    auto progress = make(0);
    progress.finish();
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(downloaded_line(12 * mega, 2s), "12MB downloaded in 2.00s (6.00MB/s)");
}

}  // namespace
}  // namespace patchbay
