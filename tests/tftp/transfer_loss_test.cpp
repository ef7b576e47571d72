// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/tftp/sim_link.hpp"

namespace patchbay::tftp {
namespace {

using State = Transfer::State;

std::string file_of(std::size_t size) {
    std::mt19937 random{7};
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

/// The client has the file. The server may have lost only the last acknowledgement, which nobody repeats.
void expect_whole(const Fetched& fetched, const std::string& file, const std::string& what) {
    EXPECT_TRUE(fetched.complete) << what;
    EXPECT_TRUE(fetched.bytes == file) << what << ": " << fetched.bytes.size() << " of " << file.size() << " bytes";
}

TEST(TftpLoss, WithoutLossEachBlockIsSentOnce) {
    const auto file = file_of(100'000);
    for (const auto* window : {"1", "4", "16", "128"}) {
        const auto fetched = fetch(file, {{"blksize", "1468"}, {"windowsize", window}}, {});
        expect_whole(fetched, file, window);
        EXPECT_EQ(fetched.server, State::complete);
        EXPECT_EQ(fetched.datagrams, 1 + 100'000 / 1468 + 1u) << window;
    }
}

TEST(TftpLoss, WhicheverDatagramIsLostTheFileArrives) {
    const auto file = file_of(512 * 9 + 100);
    for (const auto* window : {"1", "4"}) {
        for (std::uint64_t lost = 0; lost < 21; ++lost) {
            Link link;
            link.loses = [lost](std::uint64_t number) { return number == lost; };
            const auto fetched = fetch(file, {{"windowsize", window}}, link);
            expect_whole(fetched, file, std::string{"window "} + window + ", lost " + std::to_string(lost));
        }
    }
}

TEST(TftpLoss, WhicheverTwoInARowAreLostTheFileArrives) {
    const auto file = file_of(512 * 9 + 100);
    for (const auto* window : {"1", "3", "16"}) {
        for (std::uint64_t lost = 0; lost < 21; ++lost) {
            Link link;
            link.loses = [lost](std::uint64_t number) { return number == lost || number == lost + 1; };
            expect_whole(fetch(file, {{"windowsize", window}}, link), file, window);
        }
    }
}

TEST(TftpLoss, WithATenthOfAllLostTheFileArrives) {
    const auto file = file_of(300'000);
    for (const auto* window : {"1", "16"}) {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            Link link;
            link.lost = 0.1;
            link.seed = seed;
            expect_whole(fetch(file, {{"blksize", "1468"}, {"windowsize", window}}, link), file,
                         std::string{"window "} + window + ", seed " + std::to_string(seed));
        }
    }
}

TEST(TftpLoss, WithLossDoublesAndDisorderTheFileArrives) {
    const auto file = file_of(300'000);
    for (const auto* window : {"1", "5", "16"}) {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            Link link;
            link.lost = 0.05;
            link.doubled = 0.05;
            link.late = 0.05;
            link.seed = seed;
            expect_whole(fetch(file, {{"windowsize", window}}, link), file,
                         std::string{"window "} + window + ", seed " + std::to_string(seed));
        }
    }
}

TEST(TftpLoss, MoreThan65535BlocksArriveAlsoWithLoss) {
    const auto file = file_of(70'000 * 8 + 3);
    for (const auto* window : {"1", "16"}) {
        Link link;
        link.lost = 0.002;  // the client takes its steps in simulated time, not we
        expect_whole(fetch(file, {{"blksize", "8"}, {"windowsize", window}}, link), file, window);
    }
}

TEST(TftpLoss, WhenEverythingComesTwiceNothingIsSentAgain) {
    const auto file = file_of(100'000);
    Link link;
    link.doubled = 1;
    const auto fetched = fetch(file, {}, link);
    expect_whole(fetched, file, "doubled");
    EXPECT_EQ(fetched.blocks_again, 0u);
    EXPECT_EQ(fetched.datagrams, 100'000 / 512 + 1u);
}

TEST(TftpLoss, ADeadLinkEndsBothSides) {
    Link link;
    link.loses = [](std::uint64_t number) { return number > 20; };
    const auto fetched = fetch(file_of(100'000), {}, link);
    EXPECT_FALSE(fetched.complete);
    EXPECT_EQ(fetched.server, State::failed);
    EXPECT_LT(fetched.blocks_again, 6u);
}

}  // namespace
}  // namespace patchbay::tftp
