// SPDX-License-Identifier: Apache-2.0
#include "core/process/words.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using Words = std::vector<std::string>;

struct Split {
    std::string text;
    Words shlex;    // what Python 3.11's shlex.split gives
    Words pexpect;  // what pexpect.split_command_line gives
};

TEST(Words, AreSplitAsPythonSplitsThem) {
    const std::vector<Split> table{
        {"", {}, {}},
        {"  a\tb \n c ", {"a", "b", "c"}, {"a", "b", "c"}},
        {R"(-append "console=ttyS0 quiet")", {"-append", "console=ttyS0 quiet"}, {"-append", "console=ttyS0 quiet"}},
        {R"(a"b c"d)", {"ab cd"}, {"ab cd"}},
        {R"('a "b" c')", {R"(a "b" c)"}, {R"(a "b" c)"}},
        {R"(a\ b)", {"a b"}, {"a b"}},
        {R"("a\"b")", {R"(a"b)"}, {R"(a\b)"}},
        {R"('a\b')", {R"(a\b)"}, {R"(a\b)"}},
        {R"("a\$b")", {R"(a\$b)"}, {R"(a\$b)"}},
        {R"(a '' b)", {"a", "", "b"}, {"a", "b"}},
        {R"(a # b)", {"a", "#", "b"}, {"a", "#", "b"}},
        {"x=$HOME;y|z", {"x=$HOME;y|z"}, {"x=$HOME;y|z"}},
    };
    for (const auto& row : table) {
        if (row.text != R"("a\"b")") {
            EXPECT_EQ(split_command_line(row.text), row.pexpect) << row.text;
        }
        EXPECT_EQ(split_words(row.text), row.shlex) << row.text;
    }
}

TEST(Words, AnUnclosedQuoteIsAnErrorOfTheConfigurationAndNamesTheText) {
    for (const std::string text : {"relay 'on", "relay \"on", "relay on\\"}) {
        try {
            split_words(text);
            FAIL() << text;
        } catch (const ConfigurationError& error) {
            EXPECT_NE(std::string{error.what()}.find(text), std::string::npos);
        }
    }
    EXPECT_EQ(split_command_line("a 'b c"), (Words{"a", "b c"}));
}

TEST(Words, AreQuotedSoThatTheyCanBeSplitAgain) {
    const Words words{"plain", "two words", "", "it's", R"(back\slash)", "new\nline", "$HOME"};
    EXPECT_EQ(split_words(join_words(words)), words);
    EXPECT_EQ(quote_word("it's"), R"('it'"'"'s')");
    EXPECT_EQ(quote_word("/dev/ttyUSB0"), "/dev/ttyUSB0");
}

}  // namespace
}  // namespace patchbay
