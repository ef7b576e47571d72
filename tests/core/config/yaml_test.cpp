// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using config::parse_yaml;
using config::python_repr;
using config::Value;
using config::YamlError;
using testing::read_text;
using testing::same;

const std::filesystem::path data = PATCHBAY_SOURCE_DIR "/tests/core/config/data";

/// What docs/maintainers/yaml.md says is read otherwise. A row that agrees must leave this list.
constexpr std::array<std::string_view, 6> read_otherwise{
    "- ?",                 // refused: the sign of a key at the very end
    "?",                   //
    "!a",                  // null: a text of a tag alone
    "a: b\u2028c",         // one word: U+2028 ends no line
    "a: [!!str, !!null]",  // accepted: a comma right behind a tag
    "a: &x:y 1",           // refused: an anchor with other characters than letters, digits, '-' and '_'
};

TEST(Yaml, ReadsWhatPyYamlReadsAndRefusesWhatItRefuses) {
    std::istringstream rows{read_text(data / "load.jsonl")};
    const config::YamlLimits wide{.depth = 1000};  // each level of the text is three of the table
    int count = 0;
    int refused = 0;
    int same_words = 0;
    for (std::string line; std::getline(rows, line); ++count) {
        const auto row = config::parse_json(line, wide);
        const auto& text = *row.find("yaml")->as_string();
        SCOPED_TRACE(python_repr(text));
        const auto* expected = row.find("value");
        bool agreed = false;
        std::string got;
        try {
            const auto value = parse_yaml(text);
            got = python_repr(value);
            agreed = expected && same(value, testing::untyped(*expected));
        } catch (const YamlError& error) {
            got = error.python_text;
            agreed = !expected;
            if (agreed) {
                ++refused;
                const auto* words = row.find("error")->as_string();
                same_words += words && error.python_text == *words ? 1 : 0;
            }
        }
        const bool listed = std::ranges::find(read_otherwise, text) != read_otherwise.end();
        EXPECT_NE(agreed, listed) << got;
    }
    EXPECT_GT(count, 650);
    // The others are refused at the same place or nearby, with fewer or other words; the texts are in the table.
    EXPECT_GE(same_words, 85) << "of " << refused;
}

TEST(Yaml, AgreesWithTheCorpusOfCornerCases) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
    const auto cases = config::parse_json(read_text(std::filesystem::path{corpus} / "yaml11/cases.json"));
    int agreed = 0;
    for (const auto& item : *cases.as_list()) {
        const auto& text = *item.find("yaml")->as_string();
        SCOPED_TRACE(python_repr(text));
        const auto* expected = item.find("value");
        try {
            const auto value = parse_yaml(text);
            const bool good = expected && same(value, testing::untyped(*expected));
            EXPECT_TRUE(good) << python_repr(value);
            agreed += good ? 1 : 0;
        } catch (const YamlError& error) {
            EXPECT_FALSE(expected) << error.what();
            agreed += expected ? 0 : 1;
        }
    }
    std::cout << agreed << " of " << cases.as_list()->size() << " corner cases agree\n";
}

TEST(Yaml, MarksCountFromOne) {
    const auto value = parse_yaml("a: 1\nb:\n  - x\n  - {c: y}\n");
    EXPECT_EQ(value.find("a")->mark.line, 1);
    EXPECT_EQ(value.find("a")->mark.column, 4);
    const auto& list = *value.find("b")->as_list();
    EXPECT_EQ(list[1].find("c")->mark.line, 4);
    EXPECT_EQ(list[1].find("c")->mark.column, 9);
    EXPECT_EQ(value.as_map()->begin()->key.mark.column, 1);
}

TEST(Yaml, ColumnsAreCharactersAndNotBytes) {
    const auto value = parse_yaml("é: ü\nöö: [ä, {ß: x}]\r\nc: d\n");
    EXPECT_EQ(value.find("é")->mark.column, 4);
    const auto& list = *value.find("öö")->as_list();
    EXPECT_EQ(list[0].mark.column, 6);
    EXPECT_EQ(list[1].find("ß")->mark.column, 13);
    EXPECT_EQ(value.find("c")->mark.line, 3);
    EXPECT_EQ(value.find("c")->mark.column, 4);
}

TEST(Yaml, ErrorsSayLineAndColumnOnOneLine) {
    try {
        parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
        FAIL();
    } catch (const YamlError& error) {
        EXPECT_EQ(error.mark.line, 3);
        EXPECT_EQ(std::string{error.what()}.find('\n'), std::string::npos);
        EXPECT_TRUE(std::string{error.what()}.starts_with("line 3, column 2: ")) << error.what();
    }
}

TEST(Yaml, TextThatIsNotUtf8IsRefusedWithItsLine) {
    try {
        parse_yaml("a: 1\nb: \xff\n");
        FAIL();
    } catch (const YamlError& error) {
        EXPECT_EQ(error.mark.line, 2);
        EXPECT_EQ(error.mark.column, 4);
    }
}

TEST(Yaml, EveryPrefixOfADocumentIsReadOrRefused) {
    const auto text = read_text(PATCHBAY_SOURCE_DIR "/tests/compat/golden/a-shell/job.yaml");
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        try {
            parse_yaml(std::string_view{text}.substr(0, cut));
        } catch (const YamlError& error) {
            EXPECT_GT(error.mark.line, 0) << cut;
        }
    }
}

}  // namespace
}  // namespace patchbay
