// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/kasa.hpp"

#include <gmock/gmock.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

TEST(Kasa, IsEncipheredAsDevicesTakeIt) {
    // 0x1d bytes; '{' ^ 171, then each byte with the one before it.
    const auto message = kasa::enciphered(kasa::question());
    EXPECT_EQ(message.substr(0, 12), "\0\0\0\x1d\xd0\xf2\x81\xf8\x8b\xff\x9a\xf7"s);
    EXPECT_EQ(kasa::length_in(message), kasa::question().size());
    EXPECT_EQ(kasa::deciphered(message.substr(kasa::header_bytes)), kasa::question());
    EXPECT_EQ(kasa::length_in("\x01\x02\x03\xff"), 0x010203ffU);
}

TEST(Kasa, AnOrderNamesTheOutletOfAStripAndNoneOfAPlug) {
    constexpr auto strip = R"({"system":{"get_sysinfo":{"children":[{"id":"800600"},{"id":"800601"}]}}})";
    EXPECT_EQ(kasa::order(strip, 2, true),
              R"({"system":{"set_relay_state":{"state":1}},"context":{"child_ids":["800601"]}})");
    EXPECT_EQ(kasa::order(R"({"system":{"get_sysinfo":{"relay_state":1}}})", 1, false),
              R"({"system":{"set_relay_state":{"state":0}}})");
    for (const int outlet : {0, 3}) EXPECT_THROW(kasa::order(strip, outlet, true), InfrastructureError) << outlet;
}

TEST(Kasa, WhatIsNoAnswerIsQuoted) {
    for (const auto* answer : {"", "nonsense {", "[]", "{}", R"({"system":1})",
                               R"({"system":{"get_sysinfo":{"children":[{"alias":"a"}]}}})"}) {
        try {
            kasa::order(answer, 1, true);
            ADD_FAILURE() << answer;
        } catch (const InfrastructureError& error) {
            EXPECT_THAT(error.what(), HasSubstr("is it this model?")) << answer;
        }
        EXPECT_THROW(kasa::check_taken(answer), InfrastructureError) << answer;
    }
    EXPECT_THROW(kasa::check_taken(R"({"system":{"set_relay_state":{"err_code":-3}}})"), InfrastructureError);
    kasa::check_taken(R"({"system":{"set_relay_state":{"err_code":0}}})");
}

}  // namespace
}  // namespace patchbay
