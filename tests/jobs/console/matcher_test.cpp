// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/matcher.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using namespace std::string_view_literals;

PatternSet set_of(std::initializer_list<const char*> expressions, SearchWindow window = SearchWindow::two_reads) {
    return PatternSet::of(std::vector<std::string>(expressions.begin(), expressions.end()), window);
}

TEST(Matcher, TheLeftmostMatchOfAllPatternsWins) {
    const auto set = set_of({"late", "early"});
    Matcher matcher;
    matcher.feed("early late");
    const auto match = matcher.search(set);
    ASSERT_TRUE(match);
    EXPECT_EQ(match->index, 1u);
    EXPECT_EQ(match->text, "early");
    const auto next = matcher.search(set);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->index, 0u);
    EXPECT_EQ(next->before, " ");
}

TEST(Matcher, OfTwoMatchesAtOnePlaceTheLowerIndexWins) {
    Matcher matcher;
    matcher.feed("login: ");
    EXPECT_EQ(matcher.search(set_of({"login", "login: "}))->text, "login");
}

TEST(Matcher, ConsumesWhatStandsBeforeAndTheMatchItself) {
    Matcher matcher;
    matcher.feed("boot\r\nimx8 login: \r\nrest");
    const auto match = matcher.search(set_of({"login: "}));
    EXPECT_EQ(match->before, "boot\r\nimx8 ");
    EXPECT_EQ(matcher.unconsumed(), "\r\nrest");
    EXPECT_FALSE(matcher.search(set_of({"boot"})));
}

TEST(Matcher, FindsAPromptThatWasPrintedBetweenTwoWaits) {
    Matcher matcher;
    matcher.feed("one\ntwo\n");
    EXPECT_TRUE(matcher.search(set_of({"one"})));
    EXPECT_TRUE(matcher.search(set_of({"two"})));
}

TEST(Matcher, FindsAPromptHoweverTheBytesAreCut) {
    const auto set = set_of({"# ", "(?P<host>\\w+) login:", "\xE2\x82\xAC"});
    const auto stream = "[    4.1] systemd[1]: \xFFready\0\r\nimx8\xC3\xBC login: \xE2\x82\xAC root@imx8:~# "sv;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        Matcher matcher;
        std::vector<std::size_t> indexes;
        std::string consumed;
        for (const auto part : {stream.substr(0, cut), stream.substr(cut)}) {
            matcher.feed(part);
            while (const auto match = matcher.search(set)) {
                indexes.push_back(match->index);
                consumed += match->before + match->text;
                if (match->index == 1) {
                    EXPECT_EQ(*match->group("host"), "imx8\xC3\xBC") << "cut at byte " << cut;
                }
            }
        }
        EXPECT_EQ(indexes, (std::vector<std::size_t>{1, 2, 0})) << "cut at byte " << cut;
        EXPECT_EQ(consumed, "[    4.1] systemd[1]: \uFFFDready\0\r\nimx8\xC3\xBC login: \xE2\x82\xAC root@imx8:~# "sv);
    }
}

TEST(Matcher, NamesAndNumbersTheGroups) {
    Matcher matcher;
    matcher.feed("<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=a RESULT=pass>");
    const auto match = matcher.search(set_of({"<LAVA_SIGNAL_(\\S+) ([^>]+)>(?P<x>y)?"}));
    ASSERT_TRUE(match);
    EXPECT_EQ(*match->group(1), "TESTCASE");
    EXPECT_EQ(*match->group(2), "TEST_CASE_ID=a RESULT=pass");
    EXPECT_EQ(match->group("x"), nullptr);
    EXPECT_EQ(match->group(4), nullptr);
}

TEST(Matcher, AMatchBeginsAtMostTwoReadsBack) {
    const auto set = set_of({"begin.*end"});
    Matcher near{100};
    near.feed("begin" + std::string(190, '.') + "end");
    EXPECT_TRUE(near.search(set));
    Matcher far{100};
    far.feed("begin" + std::string(400, '.') + "end");
    EXPECT_FALSE(far.search(set));
}

TEST(Matcher, CountsTheWindowInCharacters) {
    std::string dots;
    for (int i = 0; i < 190; ++i) dots += "\xE2\x82\xAC";
    Matcher matcher{100};
    matcher.feed("begin" + dots + "end");
    EXPECT_TRUE(matcher.search(set_of({"begin.*end"})));
}

TEST(Matcher, AnUnlimitedWindowReachesFurther) {
    Matcher matcher;
    matcher.feed("begin" + std::string(100'000, '.') + "end");
    EXPECT_TRUE(matcher.search(set_of({"begin.*end"}, SearchWindow::unlimited)));
}

TEST(Matcher, TheUnlimitedWindowHasABound) {
    Matcher matcher;
    const auto set = set_of({"begin.*end"}, SearchWindow::unlimited);
    matcher.feed("begin");
    EXPECT_FALSE(matcher.search(set));
    const std::string dots(64 * 1024, '.');
    for (int i = 0; i < 40; ++i) {
        matcher.feed(dots);
        EXPECT_FALSE(matcher.search(set));
    }
    EXPECT_LT(matcher.unconsumed().size(), 2 * Matcher::max_window);
    matcher.feed("end");
    EXPECT_FALSE(matcher.search(set));
}

TEST(Matcher, OutputThatArrivedInOnePieceIsSearchedFromItsBeginning) {
    Matcher matcher;
    matcher.feed("U-Boot 2023.01\n" + std::string(60'000, 'x'));
    EXPECT_TRUE(matcher.search(set_of({"U-Boot \\d+"})));
}

TEST(Matcher, ACaretMeansTheBeginningOfWhatIsNotConsumed) {
    const auto set = set_of({"^b", "a"});
    Matcher matcher;
    matcher.feed("ab");
    EXPECT_EQ(matcher.search(set)->index, 1u);
    EXPECT_EQ(matcher.search(set)->index, 0u);
}

TEST(Matcher, AMatchGoesOnIntoWhatCameLater) {
    const auto set = set_of({"go", "a+"});
    Matcher matcher;
    matcher.feed("go aa");
    EXPECT_EQ(matcher.search(set)->text, "go");
    matcher.feed("aa");
    EXPECT_EQ(matcher.search(set)->text, "aaaa");
}

TEST(Matcher, TakesAllThatIsBuffered) {
    Matcher matcher;
    matcher.feed("one two");
    EXPECT_TRUE(matcher.search(set_of({"one"})));
    EXPECT_EQ(matcher.take_all(), " two");
    matcher.feed("two");
    EXPECT_EQ(matcher.search(set_of({"two"}))->before, "");
}

TEST(Matcher, KeepsABoundedPartOfAFlood) {
    Matcher matcher;
    const auto set = set_of({"login: "});
    const std::string line(1023, 'x');
    for (int i = 0; i < 10'000; ++i) {
        matcher.feed(line + "\n");
        ASSERT_FALSE(matcher.search(set));
        ASSERT_LT(matcher.unconsumed().size(), 4 * Matcher::max_before);
    }
    matcher.feed("login: ");
    const auto match = matcher.search(set);
    ASSERT_TRUE(match);
    EXPECT_LE(match->before.size(), Matcher::max_before);
    EXPECT_GE(match->before.size(), Matcher::max_before - 8);
}

TEST(Matcher, WhatAKernelSaysBeforeTheEndOfItsMessageIsKeptLonger) {
    const PatternSet end{{Pattern{"end trace"}}, SearchWindow::unlimited};
    Matcher matcher;
    for (const std::size_t said : {100'000u, 300'000u}) {
        matcher.feed(std::string(said, 'x') + "end trace");
        const auto match = matcher.search(end);
        ASSERT_TRUE(match);
        EXPECT_EQ(match->before.size(), std::min<std::size_t>(said, 128 * 1024));
    }
}

TEST(Matcher, DropsTheOldestOfWhatNobodySearches) {
    Matcher matcher;
    const std::string block(1024 * 1024, 'x');
    for (int i = 0; i < 40; ++i) matcher.feed(block);
    EXPECT_LE(matcher.unconsumed().size(), Matcher::max_unsearched);
    matcher.feed("login: ");
    EXPECT_TRUE(matcher.search(set_of({"login: "})));
}

TEST(Matcher, FindsAPromptBehindALineOfAMegabyte) {
    Matcher matcher;
    const auto set = set_of({"(?P<a>\\d+) ms", "login: ", "WARNING:", ".*never"});
    std::string line(1'000'000, 'x');
    for (std::size_t at = 0; at < line.size(); at += 4096) {
        matcher.feed(std::string_view{line}.substr(at, 4096));
        ASSERT_FALSE(matcher.search(set));
    }
    matcher.feed("\r\nlogin: ");
    EXPECT_EQ(matcher.search(set)->index, 1u);
}

TEST(Matcher, AnExpensivePatternIsATestErrorThatNamesIt) {
    Matcher matcher;
    matcher.feed(std::string(4000, 'a') + "b");
    EXPECT_THROW(matcher.search(set_of({"(a+)+$"})), TestError);
}

// Whatever the reads are, the incremental search finds what a search of everything at once finds.
TEST(Matcher, FindsTheSameWithManyReadsAndWithOne) {
    std::mt19937 random{7};
    const std::string alphabet = "ab#\n";
    const auto set = set_of({"ab+#", "#\n", "(?<=b)a", "\\ba\n", "b{3}", "a[^\n]*#a"});
    for (int round = 0; round < 300; ++round) {
        std::string stream;
        for (int i = 0; i < 200; ++i) stream += alphabet[random() % alphabet.size()];
        // The text that Python's re.search would look at after each read, with no memory between the reads.
        Matcher matcher;
        std::string rest;
        for (std::size_t at = 0; at < stream.size();) {
            const auto size = 1 + random() % 20;
            const auto read = stream.substr(at, size);
            at += size;
            matcher.feed(read);
            rest += read;
            for (;;) {
                std::optional<std::size_t> best;
                TextRange where;
                for (std::size_t i = 0; i < set.patterns().size(); ++i) {
                    const auto found = set.patterns()[i].search(rest);
                    if (found && (!best || found.groups[0].begin < where.begin)) {
                        best = i;
                        where = found.groups[0];
                    }
                }
                const auto match = matcher.search(set);
                ASSERT_EQ(match.has_value(), best.has_value()) << stream;
                if (!match) break;
                ASSERT_EQ(match->index, *best);
                ASSERT_EQ(match->before, rest.substr(0, where.begin));
                ASSERT_EQ(match->text, rest.substr(where.begin, where.end - where.begin));
                rest.erase(0, where.end);
            }
        }
    }
}

TEST(Matcher, AValueThatTheStreamCutsInTwoIsNotTakenHalf) {
    const std::string stream = "RES speed STRANGE\r\nnext";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        const auto set =
            PatternSet::of({"RES (?P<id>[a-z]+) (?P<result>[A-Z]+)"}, SearchWindow::two_reads, AtEnd::hold);
        Matcher matcher;
        matcher.feed(std::string_view{stream}.substr(0, cut));
        auto match = matcher.search(set);
        if (!match) {
            matcher.feed(std::string_view{stream}.substr(cut));
            match = matcher.search(set);
        }
        ASSERT_TRUE(match) << "cut at byte " << cut;
        EXPECT_EQ(*match->group("result"), "STRANGE") << "cut at byte " << cut;
    }
}

TEST(Matcher, AMatchThatWasKeptBackIsGivenWhenNothingMoreComes) {
    const auto set = PatternSet::of({"[A-Z]+"}, SearchWindow::two_reads, AtEnd::hold);
    Matcher matcher;
    matcher.feed("say OK");
    EXPECT_FALSE(matcher.search(set));
    EXPECT_TRUE(matcher.held());
    const auto match = matcher.search(set, AtEnd::take);
    ASSERT_TRUE(match);
    EXPECT_EQ(match->text, "OK");
    EXPECT_FALSE(matcher.held());
}

TEST(Matcher, AMatchAtTheEdgeOfTheSearchedWindowIsTakenWhole) {
    Matcher matcher{16};
    matcher.feed("............[value=1234567890]");
    const auto match = matcher.search(PatternSet::of({"value=[0-9]+"}));
    ASSERT_TRUE(match);
    EXPECT_EQ(match->text, "value=1234567890");
}

TEST(Matcher, ReadsAtLeastOneCharacterAtATime) {
    for (const std::size_t maxread : {std::size_t{0}, std::numeric_limits<std::size_t>::max()}) {
        Matcher matcher{maxread};
        matcher.feed("booted\nlogin: ");
        const std::vector<std::string> expressions{"l"};
        const auto match = matcher.search(PatternSet::of(expressions));
        ASSERT_TRUE(match) << maxread;
        EXPECT_EQ(match->before, "booted\n");
    }
}

}  // namespace
}  // namespace patchbay
