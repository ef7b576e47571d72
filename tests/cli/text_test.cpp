// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "cli/exit.hpp"
#include "cli/terminal.hpp"
#include "cli/text/table.hpp"
#include "cli/text/utf8.hpp"

namespace patchbay::cli {
namespace {

TEST(Width, CountsTheColumnsThatATerminalUses) {
    const std::pair<std::string, std::size_t> table[] = {
        {"", 0},
        {"abc", 3},
        {"grün", 4},
        {"温度", 4},       // East Asian wide
        {"ok 🚀", 5},      // emoji
        {"e\xCC\x81", 1},  // e and a combining acute
        {"a\xFF"
         "b",
         3},                  // a byte that is not UTF-8 shows as one U+FFFD
        {"\xE6\xB8", 2},      // a character that was cut
        {"\xC0\xAF", 2},      // overlong
        {"\xED\xA0\x80", 3},  // a surrogate
    };
    for (const auto& [text, columns] : table) EXPECT_EQ(display_width(text), columns) << text;
}

TEST(Width, ShortenedTextNeverExceedsItsColumns) {
    for (const std::string text : {"kselftest-net", "温度テスト", "🚀🚀🚀🚀", "é́é́ab"})
        for (std::size_t columns = 0; columns < 12; ++columns) {
            const auto cut = shorten(text, columns);
            EXPECT_LE(display_width(cut), columns) << text << " in " << columns;
            if (display_width(text) <= columns) {
                EXPECT_EQ(cut, text);
            }
        }
    EXPECT_EQ(shorten("kselftest", 5), "ksel…");
}

TEST(Printable, ABoardCannotMakeTheTerminalDoAnything) {
    const std::tuple<std::string, std::string, std::string> table[] = {
        // text, without colours, with the board's colours
        {"plain", "plain", "plain"},
        {"a\tb", "a\tb", "a\tb"},
        {"\x1b[31mred\x1b[0m!", "red!", "\x1b[31mred\x1b[0m!\x1b[0m"},
        {"\x1b[2J\x1b[1;1Hgone", "gone", "gone"},      // clear the screen
        {"\x1b]0;evil\atitle", "title", "title"},      // set the title
        {"\x1b]0;evil\x1b\\title", "title", "title"},  // the same, ended by ST
        {"\x1bPq#0\x1b\\x", "x", "x"},                 // sixel
        {"\x1b(Bx", "x", "x"},                         // character set
        {"\x1b"
         "cx",
         "x", "x"},  // reset
        {"cut \x1b[3", "cut ", "cut "},
        {"bell\a\b\r", "bell", "bell"},
        {"\xC2\x9B"
         "31mx",
         "31mx", "31mx"},           // CSI as one C1 character
        {"\x1b[>4;2mx", "x", "x"},  // ends in m, but is xterm's key modifier
    };
    for (const auto& [text, plain, coloured] : table) {
        EXPECT_EQ(printable(text), plain) << text;
        EXPECT_EQ(printable(text, Colours::keep), coloured) << text;
    }
}

Table sample() {
    Table table{
        {{"SUITE", Align::left, Fit::shrink}, {"CASE", Align::left, Fit::shrink}, {"RESULT"}, {"N", Align::right}}};
    table.add({{"0_smoke"}, {"温度"}, {"pass", Colour::green}, {"12.5"}});
    table.add({{""}, {"a-rather-long-name"}, {"fail", Colour::red}, {"3"}});
    return table;
}

TEST(Table, AlignsColumnsWithWideCharactersAndNoBlanksAtLineEnds) {
    EXPECT_EQ(sample().str(0, Paint{}),
              "SUITE    CASE                RESULT     N\n"
              "0_smoke  温度                pass    12.5\n"
              "         a-rather-long-name  fail       3\n");
}

TEST(Table, GivesUpNamesBeforeResultsWhenTheTerminalIsNarrow) {
    EXPECT_EQ(sample().str(36, Paint{}),
              "SUITE    CASE           RESULT     N\n"
              "0_smoke  温度           pass    12.5\n"
              "         a-rather-lon…  fail       3\n");
}

TEST(Table, ColoursDoNotChangeTheAlignment) {
    const auto coloured = sample().str(0, Paint{true});
    EXPECT_NE(coloured.find("\x1b[32mpass\x1b[0m    12.5"), std::string::npos) << coloured;
    EXPECT_EQ(printable(coloured.substr(0, coloured.find('\n'))), "SUITE    CASE                RESULT     N");
}

TEST(Table, LeavesOutAColumnThatNobodyFills) {
    Table table{{{"A"}, {"B"}, {"C"}}};
    table.add({{"1"}, {""}, {"3"}});
    EXPECT_EQ(table.str(0, Paint{}), "A  C\n1  3\n");
}

TEST(Table, LeavesOutTheLastSpareColumnsWhenCuttingIsNotEnough) {
    Table table{{{"JOB"},
                 {"WHO", Align::left, Fit::spare},
                 {"WHEN", Align::left, Fit::spare},
                 {"NAME", Align::left, Fit::shrink}}};
    table.add({{"1"}, {"alice"}, {"2026-11-22 08:46"}, {"a-rather-long-name"}});
    EXPECT_EQ(table.str(38, Paint{}), "JOB  WHO    WHEN              NAME\n1    alice  2026-11-22 08:46  a-rathe…\n");
    EXPECT_EQ(table.str(30, Paint{}), "JOB  WHO    NAME\n1    alice  a-rather-long-name\n");
    EXPECT_EQ(table.str(14, Paint{}), "JOB  NAME\n1    a-rather…\n");
}

TEST(Table, ACellCannotBreakTheLine) {
    Table table{{{"A"}}};
    table.add({{"one\ntwo\x1b[2J\r"}});
    EXPECT_EQ(table.str(0, Paint{}), "A\none two\n");
}

TEST(ColourChoice, FollowsTheOptionThenTheEnvironmentThenTheTerminal) {
    using enum ColourChoice;
    EXPECT_TRUE(wants_colour(automatic, true, {}));
    EXPECT_FALSE(wants_colour(automatic, false, {}));
    EXPECT_FALSE(wants_colour(automatic, true, {{"NO_COLOR", "1"}}));
    EXPECT_TRUE(wants_colour(automatic, true, {{"NO_COLOR", ""}}));
    EXPECT_FALSE(wants_colour(automatic, true, {{"TERM", "dumb"}}));
    EXPECT_TRUE(wants_colour(always, false, {{"NO_COLOR", "1"}}));
    EXPECT_FALSE(wants_colour(never, true, {}));
}

TEST(Progress, IsOneLineThatGoesAwayAndNeverReachesAFile) {
    std::ostringstream out, err;
    Terminal terminal{out, err};
    {
        Progress progress{terminal};
        progress.show("waiting in queue…");
    }
    EXPECT_EQ(err.str(), "");
    terminal.err_is_tty = true;
    terminal.width = 12;
    {
        Progress progress{terminal};
        progress.show("waiting in queue…");
        progress.show("waiting in queue…");
    }
    EXPECT_EQ(err.str(), "\r\x1b[Kwaiting in…\r\x1b[K");
    EXPECT_EQ(out.str(), "");
}

TEST(Exit, TheWorstOfSeveralJobsCounts) {
    EXPECT_EQ(worse(Exit::ok, Exit::failed_cases), Exit::failed_cases);
    EXPECT_EQ(worse(Exit::failed_cases, Exit::broken), Exit::broken);
    EXPECT_EQ(worse(Exit::rejected, Exit::broken), Exit::rejected);
    EXPECT_EQ(worse(Exit::rejected, Exit::trouble), Exit::trouble);
}

}  // namespace
}  // namespace patchbay::cli
