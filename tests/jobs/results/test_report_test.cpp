// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/test_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

TEST(TestReport, NamesSoManyCasesAndReportsAll) {
    TestReport report{{"last"}};
    TestEffects effects;
    const std::string tail(1000, 'x');
    const auto take = [&](const std::string& name) { report.take(name, make_result("0_x", name, "pass"), effects); };
    for (int i = 0; i < 20'000; ++i) {
        take(std::to_string(i) + tail);
        if (i % 1000 == 0) effects.clear();
    }
    take("0" + tail);
    effects.clear();
    take("last");
    EXPECT_EQ(effects.size(), 1U);
    const auto text = report.text();
    EXPECT_LT(text.size(), TestReport::max_bytes + 100);
    EXPECT_THAT(text, ::testing::HasSubstr("\nlast: pass\n# and ")) << "an expected one always";
    effects.clear();
    report.fail_missing("0_x", "1.1", effects);
    EXPECT_TRUE(effects.empty());
}

}  // namespace
}  // namespace patchbay
