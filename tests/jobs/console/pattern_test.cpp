// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/pattern.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "jobs/console/python_regex.hpp"

namespace patchbay {
namespace {

using namespace std::string_view_literals;

std::string first_match(const Pattern& pattern, std::string_view text) {
    const auto found = pattern.search(text);
    if (!found) return "<none>";
    return std::string{text.substr(found.groups[0].begin, found.groups[0].end - found.groups[0].begin)};
}

std::string error_of(const std::string& expression) {
    try {
        Pattern pattern{expression};
    } catch (const TestError& error) {
        return error.what();
    }
    return "<valid>";
}

struct Case {
    std::string expression;
    std::string_view text;
    std::string match;
};

TEST(Pattern, MatchesWhatPythonMatches) {
    const Case cases[] = {
        {"a.c", "xa\ncy", "a\nc"},  // DOTALL
        {"^b", "a\nb", "<none>"},   // no MULTILINE
        {"A", "a", "<none>"},       // no IGNORECASE
        {"a$", "ba\n", "a"},
        {"a$", "ba\r\n", "<none>"},  // a prompt that ends in $ does not match before a CR
        {"a\\Z", "ba\n", "<none>"},
        {"a\\Z", "ba", "a"},
        {"x{,2}y", "xxxy", "xxy"},
        {"x{,}y", "xxxy", "xxxy"},
        {"x{a}", "x{a}", "x{a}"},
        {"{", "{", "{"},
        {"\\w+", "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},  // \w is Unicode
        {"(?a)\\w+", "gr\xC3\xBC", "gr"},
        {"\\v", "\x0b", "\x0b"},
        {"\\v", "\n", "<none>"},  // PCRE2's \v would match
        {"\\x41\\u0042\\U00000043\\104", "ABCD", "ABCD"},
        {"\\0", "\0"sv, std::string(1, 0)},
        {"[[:alpha:]]", "a]", "a]"},  // a set, then a bracket
        {"[]a]+", "]a", "]a"},
        {"[^]]+", "]ab]", "ab"},
        {"[a\\]b]+", "a]b", "a]b"},
        {"(?P<x>a)(?P=x)", "aa", "aa"},
        {"(a)\\1", "aa", "aa"},
        {"(?s)> Executing '(?P<test_case_id>.+?(?='))'(.*)", "> Executing 'tf a' 1", "> Executing 'tf a' 1"},
        {"^(?!.+ED)(?P<test_case_id>\\w+)\\s+(?P<result>OK)", "cyclic  OK", "cyclic  OK"},
        {"(?x) a  b # two letters (", "ab", "ab"},
        {"(?i)linux", "LINUX", "LINUX"},
        {"(?i:l)inux", "Linux", "Linux"},
        {"(?-s:a.)b", "a\nb", "<none>"},
        {"a(?#note)b", "ab", "ab"},
        {"(?>a+)b", "aab", "aab"},
        {"a++b", "aab", "aab"},
        {"(a)?(?(1)b|c)", "ab", "ab"},
        {"(?<=x)y", "xy", "y"},
        {"Oops(?: -|:)", "Oops: 0002", "Oops:"},
        {"\\d+", "\xD9\xA3", "\xD9\xA3"},  // ARABIC-INDIC DIGIT THREE
    };
    for (const auto& [expression, text, match] : cases) {
        EXPECT_EQ(first_match(Pattern{expression}, text), match) << expression;
    }
}

TEST(Pattern, AParsePatternHasMultilineAndNothingElse) {
    EXPECT_EQ(first_match(Pattern{"^b", PatternMode::parse}, "a\nb"), "b");
    EXPECT_EQ(first_match(Pattern{"a.b", PatternMode::parse}, "a\nb"), "<none>");
    EXPECT_EQ(first_match(Pattern{"\\n^", PatternMode::parse}, "a\n"), "\n");
}

TEST(Pattern, ADollarOfAParsePatternMatchesAtASerialLinesEnd) {
    const Pattern pattern{"^(\\w+)$", PatternMode::parse};
    EXPECT_EQ(first_match(pattern, "one two\r\nthree\r\n"), "three");
    EXPECT_EQ(first_match(pattern, "one two\r\r\nthree\n"), "three");
    EXPECT_EQ(first_match(Pattern{"a\r$", PatternMode::parse}, "a\r\n"), "a\r");
    EXPECT_EQ(first_match(Pattern{"a[$]", PatternMode::parse}, "a$"), "a$");
    EXPECT_EQ(first_match(Pattern{"a\\$", PatternMode::parse}, "a$"), "a$");
}

TEST(Pattern, NamesAnInvalidExpressionAndTheReason) {
    EXPECT_EQ(error_of("a\\q"), "Invalid regular expression 'a\\q': bad escape \\q at position 1");
    EXPECT_EQ(error_of("(a"), "Invalid regular expression '(a': missing closing parenthesis at position 2");
    EXPECT_EQ(error_of("[a"), "Invalid regular expression '[a': unterminated character set at position 0");
}

TEST(Pattern, RefusesWhatOnlyPcreUnderstands) {
    for (const auto* expression :
         {"(*UTF)a", "(?|a|b)", "(?R)",  "(?1)",    "(?<n>a)",   "(?'n'a)", "(?P>n)", "(?&n)",  "(?C1)",
          "a\\K",    "\\Qa\\E", "\\R",   "\\h",     "\\p{L}",    "\\X",     "\\g{1}", "\\z",    "\\G",
          "[\\A]",   "\\x4",    "\\u12", "\\ud800", "\\777",     "(?L)a",   "a(?i)b", "(?-i)a", "(?)",
          "(?i",     "(?#x",    "\\",    "*a",      "(?P<1a>b)", "a**"}) {
        EXPECT_EQ(error_of(expression).rfind("Invalid regular expression '", 0), 0u) << expression;
    }
}

TEST(Pattern, RefusesAnExpressionBeyondTheSizeLimit) {
    EXPECT_NE(error_of(std::string(70'000, 'a')).find("longer than 65536 bytes"), std::string::npos);
    EXPECT_NE(error_of("((a{1000}){1000}){100}"), "<valid>");
}

TEST(Pattern, StopsAnExpressionThatExplodesAndNamesIt) {
    const Pattern pattern{"(a+)+$"};
    const std::string text = std::string(5000, 'a') + "b";
    try {
        pattern.search(text);
        FAIL() << "no error";
    } catch (const TestError& error) {
        EXPECT_NE(std::string{error.what()}.find("'(a+)+$' is too expensive for 5001 bytes"), std::string::npos)
            << error.what();
    }
}

TEST(Pattern, SaysWhereALaterMatchCouldBegin) {
    const Pattern pattern{"login: $"};
    EXPECT_EQ(pattern.search("imx8 logi").resume, 5u);
    EXPECT_EQ(pattern.search("imx8 ready").resume, 10u);
}

TEST(PythonRegex, KnowsWhatDependsOnTheStart) {
    EXPECT_TRUE(Pattern{"^a"}.looks_back());
    EXPECT_TRUE(Pattern{"\\ba"}.looks_back());
    EXPECT_TRUE(Pattern{"(?<=x)a"}.looks_back());
    EXPECT_FALSE(Pattern{"[^a]b"}.looks_back());
    EXPECT_FALSE(Pattern{"a\\^"}.looks_back());
}

}  // namespace
}  // namespace patchbay
