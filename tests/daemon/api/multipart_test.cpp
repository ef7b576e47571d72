// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/multipart.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(Multipart, TheBoundaryIsAParameter) {
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=xyz"), "xyz");
    EXPECT_EQ(multipart_boundary("multipart/form-data; charset=utf-8; BOUNDARY=\"a b\\\"c\""), "a b\"c");
    EXPECT_EQ(multipart_boundary("multipart/form-data"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary="), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"open"), std::nullopt);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), std::nullopt);
}

TEST(Multipart, PartsAreFields) {
    const std::string body =
        "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n"
        "--x  \r\ncontent-type: text/plain\r\nCONTENT-DISPOSITION: form-data; filename=f; name=b"
        "\r\n\r\n\r\n--x--\r\nepilogue";
    EXPECT_EQ(parse_multipart(body, "x"), (Fields{{"a", "1\r\n2"}, {"b", ""}}));
    EXPECT_EQ(parse_multipart("--x--", "x"), Fields{});
}

TEST(Multipart, WhatIsNotWholeIsNone) {
    const std::string body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--";
    ASSERT_TRUE(parse_multipart(body, "x"));
    for (std::size_t size = 0; size < body.size(); ++size) {
        EXPECT_EQ(parse_multipart(body.substr(0, size), "x"), std::nullopt) << "cut at byte " << size;
    }
    EXPECT_EQ(parse_multipart("--x\r\n\r\n1\r\n--x--", "x"), std::nullopt) << "a part without a name";
    EXPECT_EQ(parse_multipart(body, "y"), std::nullopt);
}

}  // namespace
}  // namespace patchbay
