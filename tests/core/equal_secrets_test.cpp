// SPDX-License-Identifier: Apache-2.0
#include "core/equal_secrets.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay {
namespace {

TEST(EqualSecrets, AreEqualInEveryByte) {
    const std::string secret = "0123456789abcdef";
    EXPECT_TRUE(equal_secrets(secret, secret));
    EXPECT_TRUE(equal_secrets("", ""));
    EXPECT_FALSE(equal_secrets(secret, ""));
    EXPECT_FALSE(equal_secrets(secret, secret + "x"));
    for (std::size_t i = 0; i < secret.size(); ++i) {
        for (const int bit : {0x01, 0x80}) {
            auto other = secret;
            other[i] = static_cast<char>(other[i] ^ bit);
            EXPECT_FALSE(equal_secrets(secret, other)) << i;
        }
    }
}

}  // namespace
}  // namespace patchbay
