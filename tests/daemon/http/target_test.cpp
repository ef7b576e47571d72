// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/target.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "daemon/http/http_error.hpp"

namespace patchbay {
namespace {

TEST(Target, OnePathHasOneFormHoweverItsSlashesWereWritten) {
    for (const char* text : {"/api/v0.2/jobs/5", "/api/v0.2/jobs/5/", "/api/v0.2//jobs/5/", "//api///v0.2/jobs//5//",
                             "http://lab.example:8080/api/v0.2/jobs/5", "/api/v0.2/jobs/5?", "/api/v0%2E2/jobs/5#top",
                             "/api%2Fv0.2/jobs/5"}) {
        EXPECT_EQ(parse_target(text).path, "/api/v0.2/jobs/5/") << text;
    }
    EXPECT_EQ(parse_target("/").path, "/");
    EXPECT_EQ(parse_target("http://lab.example").path, "/");
    EXPECT_EQ(parse_target("*").path, "*");
}

TEST(Target, DotsAreOnlyLetters) { EXPECT_EQ(parse_target("/api/../etc/passwd").path, "/api/../etc/passwd/"); }

TEST(Target, QueriesKeepOrderAndRepetition) {
    const auto target = parse_target("/x?b=1&a=%C3%A4+c&b=2&flag&=v&&e=a%3Db");
    const std::vector<std::pair<std::string, std::string>> expected{{"b", "1"},   {"a", "\xC3\xA4 c"}, {"b", "2"},
                                                                    {"flag", ""}, {"", "v"},           {"e", "a=b"}};
    EXPECT_EQ(target.query, expected);
}

TEST(Target, ABrokenPercentInAQueryStaysAsItIs) {
    EXPECT_EQ(parse_target("/x?a=100%&b=%zz").query[0].second, "100%");
    EXPECT_EQ(parse_target("/x?a=100%&b=%zz").query[1].second, "%zz");
}

TEST(Target, WhatIsNoPathIsRefused) {
    for (const char* text : {"", "jobs", "*x", "/a%00b", "/a%ff", "/a%e", "/a%ed%a0%80", "/a?b=%00", "/a?b=%ff",
                             "ftp://x/y", "lab.example:443"}) {
        try {
            parse_target(text);
            ADD_FAILURE() << text;
        } catch (const HttpError& error) {
            EXPECT_EQ(error.status, 400) << text;
        }
    }
}

TEST(Target, EncodedTextDecodesToItself) {
    std::string all;
    for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(parse_form("k=" + percent_encode(all, Blank::as_plus))[0].second, all);
    EXPECT_EQ(percent_encode("2026-01-02T03:04:05+00:00 x", Blank::as_plus), "2026-01-02T03%3A04%3A05%2B00%3A00+x");
}

TEST(Target, Utf8IsToldFromOtherBytes) {
    for (const char* good :
         {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char* bad : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                            "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82", "a\xFF"}) {
        EXPECT_FALSE(is_utf8(bad));
    }
}

TEST(Target, HostNamesMayNotCarryOtherText) {
    for (const char* good : {"lab", "lab.example:8080", "[::1]:80", "10.0.0.1", "a_b-c.d"}) EXPECT_TRUE(is_host(good));
    for (const char* bad : {"", "a b", "a/b", "a\"b", "<x>", "a,b", "user@lab"}) EXPECT_FALSE(is_host(bad)) << bad;
}

}  // namespace
}  // namespace patchbay
