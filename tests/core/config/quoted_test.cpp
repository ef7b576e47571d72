// SPDX-License-Identifier: Apache-2.0
#include "core/config/quoted.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using config::read_quoted;

TEST(Quoted, ReadsWhatIsBetweenTheQuotes) {
    struct Row {
        std::string source, text;
    };
    const Row table[] = {
        {"''", ""},
        {"'it''s'rest", "it's"},
        {"\"a\\tb\\\"\\x41\\u00e9\\N\\_\"", "a\tb\"A\u00e9\u0085\u00a0"},
        {"'a\n  b'", "a b"},
        {"'a \n\n\n  b'", "a\n\nb"},
        {"'\n\n  '", "\n"},
        {"'a\n\n\n'", "a\n\n"},
        {"\"a \\\n   b\"", "a b"},
        {"\"a\\\n\n   b\"", "a\nb"},
        {"!!str &x # why\n 'a'", "a"},
    };
    for (const auto& row : table) {
        const auto quoted = read_quoted(row.source);
        ASSERT_TRUE(quoted) << row.source;
        EXPECT_TRUE(quoted->closed && quoted->good_escapes) << row.source;
        EXPECT_EQ(quoted->text, row.text) << row.source;
    }
}

TEST(Quoted, OtherStylesAreNotItsBusiness) {
    for (const std::string source : {"", "a'b'", "|\n 'a'", "!!str a", "&x", "[ 'a' ]"})
        EXPECT_FALSE(read_quoted(source)) << source;
}

TEST(Quoted, IsOpenWhereverItIsCutOff) {
    for (const std::string source : {"'a ''b'' \n\n c'", "\"a \\\" \\x41 \\\n b\""})
        for (std::size_t cut = 1; cut < source.size(); ++cut) {
            const bool between_two = source[0] == '\'' && source[cut - 1] == '\'' && source[cut] == '\'' && cut > 1;
            EXPECT_EQ(read_quoted(std::string_view{source}.substr(0, cut))->closed, between_two) << cut;
        }
}

TEST(Quoted, AnEscapeThatIsNoneIsSeen) {
    for (const std::string source : {"\"\\q\"", "\"\\x4\"", "\"\\u12g4\"", "\"\\'\""})
        EXPECT_FALSE(read_quoted(source)->good_escapes) << source;
}

}  // namespace
}  // namespace patchbay
