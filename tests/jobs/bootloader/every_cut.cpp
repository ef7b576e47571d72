// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/every_cut.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace patchbay::testing {
namespace {

/// Of a serial driver; larger ones would only cost more.
constexpr std::size_t read_size = 256;

void expect_honest(const Recording& recording, const Play& play, const char* what, std::size_t at) {
    EXPECT_EQ(play.played().dishonest, "") << recording.name << " " << what << " at byte " << at;
}

}  // namespace

void expect_same_in_two_pieces(const Recording& recording, std::size_t step) {
    Line good;
    const auto whole = play(recording, good);
    ByteLine bytes;
    EXPECT_EQ(play(recording, bytes), whole) << recording.name << " byte by byte";
    for (std::size_t at = 1; at < length_of(recording); at += step) {
        CutLine line{at};
        EXPECT_EQ(play(recording, line), whole) << recording.name << " cut at " << at;
    }
}

std::size_t expect_same_at_every_cut(const Recording& recording) {
    std::size_t begin = 0;
    Line good;
    const auto whole = play(recording, good);
    Play before{recording, good};
    auto cut = before;
    while (!before.over() && !::testing::Test::HasFailure()) {
        if (before.waiting() == 0 && !before.fall_silent()) break;
        const auto size = std::min(read_size, before.waiting());
        auto after = before;
        after.arrive(size);
        for (std::size_t at = 1; at <= size; ++at) {
            cut = before;
            cut.arrive(at);
            if (cut.fall_silent()) {
                expect_honest(recording, cut, "silent", begin + at);
                cut.run();
                expect_honest(recording, cut, "silent for a while", begin + at);
                cut = before;
                cut.arrive(at);
            }
            cut.arrive(size - at);
            if (cut.same_as(after)) continue;
            cut.run();
            EXPECT_EQ(cut.played(), whole) << recording.name << " cut at " << begin + at;
        }
        before = std::move(after);
        begin += size;
    }
    before.run();
    EXPECT_EQ(before.played(), whole) << recording.name << " in reads";
    return begin;
}

std::size_t count_honest_successes(const Recording& recording, BadLine::Trouble trouble, std::uint32_t seeds) {
    std::size_t succeeded = 0;
    for (std::uint32_t seed = 0; seed < seeds; ++seed) {
        BadLine line{trouble, seed};
        const auto played = play(recording, line);
        EXPECT_EQ(played.dishonest, "") << recording.name << " seed " << seed << " trouble "
                                        << static_cast<int>(trouble) << " " << played.error;
        succeeded += played.end == Played::End::succeeded;
    }
    return succeeded;
}

}  // namespace patchbay::testing
