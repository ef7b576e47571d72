// SPDX-License-Identifier: Apache-2.0
// Whole conversations with boot loaders, on good lines and on bad ones. A success without the loader's own final
// message, or a command typed without its prompt, would be a lie about a board: none may come of any trouble.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/jobs/bootloader/every_cut.hpp"
#include "tests/jobs/bootloader/recorded_loader.hpp"

namespace patchbay::testing {
namespace {

using End = Played::End;

TEST(Replay, WrittenConversationsEndAsTheyShould) {
    for (const auto& recording : written_recordings()) {
        Line line;
        const auto played = play(recording, line);
        const bool fails = recording.name == "u-boot without a server";
        EXPECT_EQ(played.end, fails ? End::failed : End::succeeded) << recording.name << " " << played.error;
        EXPECT_EQ(played.typed, fails ? 5u : recording.turns.size()) << recording.name;
        EXPECT_EQ(played.dishonest, "") << recording.name;
    }
}

TEST(Replay, WrittenConversationsAreTheSameHoweverTheyAreCut) {
    for (const auto& recording : written_recordings()) {
        expect_same_in_two_pieces(recording, 1);
        expect_same_at_every_cut(recording);
    }
}

TEST(Replay, NoTroubleOnTheLineMakesAFalseSuccess) {
    constexpr std::uint32_t seeds = 300;
    for (const auto& recording : written_recordings()) {
        for (const auto trouble : BadLine::troubles) {
            const auto booted = count_honest_successes(recording, trouble, seeds);
            if (recording.name == "u-boot without a server") {
                EXPECT_EQ(booted, 0u);
            } else {
                EXPECT_GT(booted, seeds / 20) << recording.name << " trouble " << static_cast<int>(trouble);
            }
        }
    }
}

/// The boots in the logs of real boards.
std::vector<Recording> recorded_boots() {
    std::vector<Recording> found;
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) return found;
    for (const auto* folder : {"logs/boot", "logs/kernel"}) {
        for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{corpus} / folder}) {
            std::ostringstream text;
            text << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
            auto boots = recordings_in(text.str(), entry.path().filename().string());
            std::move(boots.begin(), boots.end(), std::back_inserter(found));
        }
    }
    return found;
}

class RecordedBoots : public ::testing::Test {
protected:
    void SetUp() override {
        if (boots.empty()) GTEST_SKIP() << "PATCHBAY_CORPUS is not set: no logs of real boards to play";
    }

    static inline const std::vector<Recording> boots = recorded_boots();
};

TEST_F(RecordedBoots, EndAsTheyDid) {
    std::size_t bytes = 0;
    for (const auto& recording : boots) {
        Line line;
        const auto played = play(recording, line);
        EXPECT_EQ(played.end, End::succeeded) << recording.name << ": " << played.error;
        EXPECT_EQ(played.dishonest, "") << recording.name;
        bytes += length_of(recording);
    }
    std::cout << boots.size() << " recorded boots, " << bytes << " bytes\n";
    EXPECT_GE(boots.size(), 19u);
}

TEST_F(RecordedBoots, AreTheSameHoweverTheyAreCut) {
    for (const auto& recording : boots) expect_same_in_two_pieces(recording, 1 + length_of(recording) / 60);
}

TEST_F(RecordedBoots, AreTheSameCutAtEveryByteAndHonestWhereTheyStop) {
    std::size_t places = 0;
    for (const auto& recording : boots) {
        const auto cut = expect_same_at_every_cut(recording);
        const auto& last = recording.turns.back().answer;
        const auto after_the_end = last.size() - last.find(recording.final_text) - recording.final_text.size();
        EXPECT_GE(cut, length_of(recording) - after_the_end) << recording.name;
        places += cut;
    }
    std::cout << "cut and stopped at " << places << " bytes\n";
}

TEST_F(RecordedBoots, AreHonestOnBadLinesAndComeThroughSome) {
    constexpr std::uint32_t seeds = 100;
    for (const auto trouble : BadLine::troubles) {
        std::size_t through = 0;
        for (const auto& recording : boots) {
            const auto booted = count_honest_successes(recording, trouble, seeds);
            through += booted;
            if (trouble != BadLine::Trouble::all) {
                EXPECT_GT(booted, 0u) << recording.name << " trouble " << static_cast<int>(trouble);
            }
        }
        std::cout << "trouble " << static_cast<int>(trouble) << ": " << through << " of " << seeds * boots.size()
                  << " came through\n";
        EXPECT_GT(through, seeds * boots.size() / 20);
    }
}

}  // namespace
}  // namespace patchbay::testing
