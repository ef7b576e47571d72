// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/fvp/arguments.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay::testing {
namespace {

const std::map<std::string, std::string> values{{"BL1", "/m/bl1.bin"}, {"ARTIFACT_DIR", "/m"}};

TEST(FvpArgument, IsFormattedAsPythonDoes) {
    EXPECT_EQ(format_argument("--data={BL1}@0x0", values), "--data=/m/bl1.bin@0x0");
    EXPECT_EQ(format_argument("{ARTIFACT_DIR}/{BL1}", values), "/m//m/bl1.bin");
    EXPECT_EQ(format_argument("a={{x}}", values), "a={x}");
    EXPECT_EQ(format_argument("", values), "");
}

TEST(FvpArgument, ThatAsksForWhatThereIsNotIsTheJobsError) {
    for (const auto* text : {"{NONE}", "{", "}", "a{", "{BL1", "{}", "{{}"}) {
        EXPECT_THROW(format_argument(text, values), JobError) << text;
    }
}

}  // namespace
}  // namespace patchbay::testing
