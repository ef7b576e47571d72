// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(TextTest, AWholeNumberIsNothingBesideItsDigits) {
    EXPECT_EQ(whole_number("42"), 42);
    EXPECT_EQ(whole_number("-7"), -7);
    EXPECT_EQ(whole_number("007"), 7);
    EXPECT_EQ(whole_number("9223372036854775807"), INT64_MAX);
    for (const auto* text : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x1", "-", "one", "9223372036854775808"})
        EXPECT_EQ(whole_number(text), std::nullopt) << text;
}

TEST(TextTest, OnlyAsciiLettersChangeTheirCase) {
    EXPECT_EQ(lower_case("Ab-Z[@"), "ab-z[@");
    EXPECT_EQ(upper_case("aB_z{`"), "AB_Z{`");
    EXPECT_EQ(lower_case("\xC3\x84"), "\xC3\x84");
}

TEST(TextTest, OnlyUnreservedCharactersStayInAnUrl) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a b/\xC3\xA4+"), "a%20b%2F%C3%A4%2B");
    EXPECT_EQ(percent_encode("a b+", Blank::as_plus), "a+b%2B");
}

TEST(TextTest, ANameOfAFileLeadsNowhereElse) {
    for (const auto* text : {"common", "a.b-c_D9", "...", "-x"}) EXPECT_TRUE(is_plain_name(text)) << text;
    for (const auto* text : {"", ".", "..", "/", "a/b", "a,b", "a b", "a~", "a\nb", "\xC3\xA4"})
        EXPECT_FALSE(is_plain_name(text)) << text;
    EXPECT_FALSE(is_plain_name(std::string(256, 'a')));
}

TEST(TextTest, AMailAddressCannotSteerTheMail) {
    for (const auto* text : {"alice@lab.example", "a+b.c@x", "lab@localhost"})
        EXPECT_TRUE(is_mail_address(text)) << text;
    for (const auto* text :
         {"", "alice", "@x", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x", "<a@b>", "a@b,c@d", "a@b;c", "\"a\"@b"})
        EXPECT_FALSE(is_mail_address(text)) << text;
    EXPECT_FALSE(is_mail_address(std::string(250, 'a') + "@lab.example"));
}

}  // namespace
}  // namespace patchbay
