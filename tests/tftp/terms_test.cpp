// SPDX-License-Identifier: Apache-2.0
#include "tftp/terms.hpp"

#include <gtest/gtest.h>

namespace patchbay::tftp {
namespace {

using namespace std::chrono_literals;

Options agreed(const Options& wanted, std::uint64_t size = 1000) { return agree(wanted, size).agreed; }

TEST(TftpTerms, WithoutOptionsTheyAreThoseOfTheFirstRfc) {
    const auto terms = agree({}, 1000);
    EXPECT_EQ(terms.block_size, 512u);
    EXPECT_EQ(terms.window, 1u);
    EXPECT_EQ(terms.timeout, 1s);
    EXPECT_TRUE(terms.agreed.empty());
}

TEST(TftpTerms, WhatUBootAsksForIsGiven) {
    const auto terms = agree({{"timeout", "5"}, {"blksize", "1468"}}, 1000);
    EXPECT_EQ(terms.block_size, 1468u);
    EXPECT_EQ(terms.timeout, 5s);
    EXPECT_EQ(terms.agreed, (Options{{"timeout", "5"}, {"blksize", "1468"}}));
}

TEST(TftpTerms, TheSizeOfTheFileIsToldAlsoBeyondFourGigabytes) {
    EXPECT_EQ(agreed({{"tsize", "0"}}, 5'000'000'000), (Options{{"tsize", "5000000000"}}));
}

TEST(TftpTerms, BlocksOfMoreThanADatagramAreMadeSmaller) {
    EXPECT_EQ(agreed({{"blksize", "99999"}}), (Options{{"blksize", "65464"}}));
    EXPECT_EQ(agreed({{"blksize", "8"}}), (Options{{"blksize", "8"}}));
}

TEST(TftpTerms, AWindowHoldsNoMoreThanTheServerWillKeep) {
    EXPECT_EQ(agreed({{"windowsize", "16"}, {"blksize", "1468"}}),
              (Options{{"windowsize", "16"}, {"blksize", "1468"}}));
    EXPECT_EQ(agreed({{"windowsize", "65535"}}), (Options{{"windowsize", "128"}}));
    EXPECT_EQ(agree({{"windowsize", "64"}, {"blksize", "65464"}}, 1000).window, 4u);
    EXPECT_EQ(agree({{"blksize", "65464"}, {"windowsize", "64"}}, 1000).window, 4u);
}

TEST(TftpTerms, WhatIsUnknownOrNoNumberIsLeftOut) {
    const Options nonsense[] = {{{"blksize", "7"}},
                                {{"blksize", "-1"}},
                                {{"blksize", "many"}},
                                {{"blksize", ""}},
                                {{"timeout", "0"}},
                                {{"timeout", "31"}},
                                {{"tsize", "-1"}},
                                {{"windowsize", "0"}},
                                {{"multicast", ""}},
                                {{"blksize2", "1024"}},
                                {{"tsize", "99999999999999999999"}}};
    for (const auto& options : nonsense) {
        EXPECT_EQ(agreed(options), Options{}) << options[0].name << " " << options[0].value;
        EXPECT_EQ(agree(options, 1000).block_size, 512u);
        EXPECT_EQ(agree(options, 1000).window, 1u);
    }
}

}  // namespace
}  // namespace patchbay::tftp
