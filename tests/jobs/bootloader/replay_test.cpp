// SPDX-License-Identifier: Apache-2.0
// Whole conversations with boot loaders, on good lines and on bad ones. A success without the loader's own final
// message, or a command typed without its prompt, would be a lie about a board: none may come of any trouble.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/jobs/bootloader/recorded_loader.hpp"

namespace patchbay::testing {
namespace {

using End = Played::End;
using Trouble = BadLine::Trouble;

Played on_a_good_line(const Recording& recording) {
    Line line;
    return play(recording, line);
}

void expect_same_at_cuts(const Recording& recording, std::size_t step) {
    const auto whole = on_a_good_line(recording);
    ByteLine bytes;
    EXPECT_EQ(play(recording, bytes), whole) << recording.name << " byte by byte";
    for (std::size_t at = 1; at < length_of(recording); at += step) {
        CutLine line{at};
        EXPECT_EQ(play(recording, line), whole) << recording.name << " cut at " << at;
    }
}

/// How many of `seeds` boots came through.
std::size_t count_honest_boots(const Recording& recording, Trouble trouble, std::uint32_t seeds) {
    std::size_t booted = 0;
    for (std::uint32_t seed = 0; seed < seeds; ++seed) {
        BadLine line{trouble, seed};
        const auto played = play(recording, line);
        EXPECT_EQ(played.dishonest, "") << recording.name << " seed " << seed << " trouble "
                                        << static_cast<int>(trouble) << " " << played.error;
        booted += played.end == End::booted;
    }
    return booted;
}

TEST(Replay, WrittenConversationsEndAsTheyShould) {
    for (const auto& recording : written_recordings()) {
        const auto played = on_a_good_line(recording);
        const bool fails = recording.name == "u-boot without a server";
        EXPECT_EQ(played.end, fails ? End::failed : End::booted) << recording.name << " " << played.error;
        EXPECT_EQ(played.typed, fails ? 4u : recording.exchanges.size()) << recording.name;
        EXPECT_EQ(played.dishonest, "") << recording.name;
    }
}

TEST(Replay, WrittenConversationsAreTheSameHoweverTheyAreCut) {
    for (const auto& recording : written_recordings()) expect_same_at_cuts(recording, 1);
}

TEST(Replay, NoTroubleOnTheLineMakesAFalseSuccess) {
    constexpr std::uint32_t seeds = 300;
    for (const auto& recording : written_recordings()) {
        for (const auto trouble : {Trouble::drops, Trouble::doubles, Trouble::delays, Trouble::noise, Trouble::all}) {
            const auto booted = count_honest_boots(recording, trouble, seeds);
            if (recording.name == "u-boot without a server") {
                EXPECT_EQ(booted, 0u);
            } else {
                EXPECT_GT(booted, seeds / 20) << recording.name << " trouble " << static_cast<int>(trouble);
            }
        }
    }
}

TEST(Replay, RecordedBootsOfRealBoards) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS is not set: no logs of real boards to play";
    std::size_t boots = 0, troubled = 0, through = 0;
    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{corpus} / "logs/boot"}) {
        std::ostringstream text;
        text << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
        for (const auto& recording : recordings_in(text.str(), entry.path().filename().string())) {
            ++boots;
            const auto played = on_a_good_line(recording);
            EXPECT_EQ(played.end, End::booted) << recording.name << ": " << played.error;
            EXPECT_EQ(played.dishonest, "") << recording.name;
            expect_same_at_cuts(recording, std::max<std::size_t>(1, length_of(recording) / 60));
            for (const auto trouble : {Trouble::drops, Trouble::doubles, Trouble::delays, Trouble::all}) {
                constexpr std::uint32_t seeds = 8;
                troubled += seeds;
                through += count_honest_boots(recording, trouble, seeds);
            }
        }
    }
    std::cout << boots << " recorded boots played, " << through << " of " << troubled << " on bad lines came through\n";
    EXPECT_GE(boots, 15u);
}

}  // namespace
}  // namespace patchbay::testing
