// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/line_splitter.hpp"

#include <gmock/gmock.h>

namespace patchbay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_view_literals;

std::vector<std::string> split(std::initializer_list<std::string_view> reads) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    for (const auto read : reads) splitter.feed(read, lines);
    splitter.flush(lines);
    return lines;
}

TEST(LineSplitter, EndsALineAtEachOfTheThreeLineEnds) {
    EXPECT_THAT(split({"one\r\r\ntwo\r\nthree\nfour"}), ElementsAre("one", "two", "three", "four"));
}

TEST(LineSplitter, KeepsEmptyLines) { EXPECT_THAT(split({"\r\n\r\n"}), ElementsAre("", "")); }

TEST(LineSplitter, DropsEscapeBytesButNotWhatFollowsThem) {
    EXPECT_THAT(split({"root@pb-guest:~# \x1b[6nls\r\n"}), ElementsAre("root@pb-guest:~# [6nls"));
}

TEST(LineSplitter, AProgressBarOfCarriageReturnsIsOneLine) {
    EXPECT_THAT(split({" 10%\r 20%\r 30%\r\n"}), ElementsAre(" 10% 20% 30%"));
}

TEST(LineSplitter, HoldsAnUnfinishedLineUntilItsNewline) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    splitter.feed("imx8 log", lines);
    EXPECT_THAT(lines, IsEmpty());
    EXPECT_TRUE(splitter.pending());
    splitter.feed("in: \n", lines);
    EXPECT_THAT(lines, ElementsAre("imx8 login: "));
    EXPECT_FALSE(splitter.pending());
    splitter.flush(lines);
    EXPECT_EQ(lines.size(), 1u);
}

TEST(LineSplitter, SplitsTheSameWhereverTheReadsAreCut) {
    const auto stream = "a\xC3\xBC\r\r\nb\x1b[0m\xFFz\0q\r\n\xE2\x82\xAC \ntail\xE2"sv;
    const auto whole = split({stream});
    EXPECT_THAT(whole, ElementsAre("a\xC3\xBC", "b[0m\uFFFDz\0q"sv, "\xE2\x82\xAC ", "tail\uFFFD"));
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        EXPECT_EQ(split({stream.substr(0, cut), stream.substr(cut)}), whole) << "cut at byte " << cut;
    }
}

TEST(LineSplitter, KeepsABoundedPartOfAnEndlessLine) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    const std::string block(64 * 1024, 'x');
    for (int i = 0; i < 100; ++i) splitter.feed(block, lines);
    splitter.feed("\nnext\n", lines);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].size(), LineSplitter::max_line);
    EXPECT_EQ(lines[1], "next");
}

TEST(LineSplitter, NeverCutsACharacterAtTheBound) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    std::string text = "a";
    while (text.size() < LineSplitter::max_line + 100) text += "\xE2\x82\xAC";
    splitter.feed(text + "\n", lines);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].substr(lines[0].size() - 3), "\xE2\x82\xAC");
}

}  // namespace
}  // namespace patchbay
