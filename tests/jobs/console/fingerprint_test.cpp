// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/fingerprint.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(Fingerprint, NothingStatedIsNothingToCompare) {
    Fingerprint print{{}};
    EXPECT_TRUE(print.complete());
    EXPECT_EQ(print.problem(), "");
}

TEST(Fingerprint, EachExpressionIsFoundInSomeLineOfOnePowerOn) {
    Fingerprint print{{"U-Boot", "imx8mq"}};
    print.powered();
    print.line("U-Boot 2024.01");
    EXPECT_FALSE(print.complete());
    print.powered();
    print.line("Board: imx8mq");
    EXPECT_EQ(print.problem(), "its console did not say 'U-Boot', but: Board: imx8mq");
    print.line("U-Boot proper");
    EXPECT_TRUE(print.complete());
    print.powered();
    EXPECT_EQ(print.problem(), "its console did not say 'U-Boot', 'imx8mq', but nothing at all");
}

TEST(Fingerprint, QuotesTheBeginningOfWhatWasSaidAndWholeCharacters) {
    Fingerprint print{{"imx8mq"}};
    print.powered();
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += "a\u00fc";
    print.line(flood);
    print.line("never quoted");
    const auto text = print.problem();
    EXPECT_LT(text.size(), 200U);
    EXPECT_EQ(text.find("never"), std::string::npos);
    EXPECT_TRUE(text.ends_with("\u00fc"));
}

}  // namespace
}  // namespace patchbay
