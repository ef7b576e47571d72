// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/masking.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(Masking, EveryValueOfSecretsIsReplacedAndTheRestDumped) {
    struct Row {
        std::string text;
        std::optional<std::string> masked;
    };
    const Row table[] = {
        {"b: 1\nsecrets: {A: hunter2, B: [x, y]}\na: 2\n", "a: 2\nb: 1\nsecrets:\n  A: '[MASKED]'\n  B: '[MASKED]'\n"},
        {"secrets: hunter2\n", "secrets: '[MASKED]'\n"},
        {"\"secr\\x65ts\": {A: hunter2} # hunter2\n", "secrets:\n  A: '[MASKED]'\n"},
        {"# no secrets\na:  {secrets: here}\n", std::nullopt},
        {"- secrets\n", std::nullopt},
        {"", std::nullopt},
        {"secrets: {A: hunter2", ""},
    };
    for (const auto& row : table) EXPECT_EQ(masked_text(row.text), row.masked) << row.text;
}

TEST(Masking, AJobWithSecretsSpeaksOfThem) {
    EXPECT_TRUE(may_have_secrets("a: b\nsecrets:\n  A: x\n"));
    EXPECT_FALSE(may_have_secrets("job_name: x\n"));
}

}  // namespace
}  // namespace patchbay
