// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/utf8.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using namespace std::string_view_literals;

struct Case {
    std::string_view bytes;
    std::string_view text;
};

// What Python prints for bytes.decode("utf-8", "replace").
constexpr Case cases[] = {
    {"plain", "plain"},
    {"a\0b"sv, "a\0b"sv},
    {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
    {"\xE2\x82\xAC\xF0\x9F\x98\x80", "\xE2\x82\xAC\xF0\x9F\x98\x80"},
    {"\xFF", "\uFFFD"},
    {"a\xC0\x80z", "a\uFFFD\uFFFDz"},
    {"\xE2\x82z", "\uFFFDz"},
    {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},
    {"\xF0\x9F\x98z", "\uFFFDz"},
    {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
    {"\xE2\xE2\x82\xAC", "\uFFFD\xE2\x82\xAC"},
    {"\x80\xBF", "\uFFFD\uFFFD"},
    {"end\xE2\x82", "end\uFFFD"},
};

TEST(Utf8Repair, RepairsAsPythonDoesHoweverTheBytesAreCut) {
    for (const auto& [bytes, text] : cases) {
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            Utf8Repair repair;
            std::string out;
            repair.feed(bytes.substr(0, cut), out);
            repair.feed(bytes.substr(cut), out);
            repair.finish(out);
            EXPECT_EQ(out, text) << "cut at byte " << cut;
        }
        Utf8Repair repair;
        std::string out;
        for (const char byte : bytes) repair.feed({&byte, 1}, out);
        repair.finish(out);
        EXPECT_EQ(out, text) << "byte by byte";
    }
}

TEST(Utf8Repair, CountsCharactersNotBytes) { EXPECT_EQ(count_characters("a\xC3\xBC\xF0\x9F\x98\x80"), 3u); }

}  // namespace
}  // namespace patchbay
