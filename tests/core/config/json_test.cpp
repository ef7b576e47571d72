// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using config::parse_json;
using config::YamlError;

TEST(Json, ReadsEveryKindOfValue) {
    const auto value =
        parse_json(R"( {"a": [1, -2, 1.5, 1e3, 12345678901234567890, true, false, null, "\u00e9\ud83d\ude00\n"],
        "a2": {}, "a3": [ ]} )");
    EXPECT_EQ(python_repr(value),
              "{'a': [1, -2, 1.5, 1000.0, 12345678901234567890, True, False, None, 'é\U0001F600\\n'], "
              "'a2': {}, 'a3': []}");
    EXPECT_EQ(value.find("a2")->mark.line, 2);
}

TEST(Json, OfTwoEqualKeysTheLastWins) {
    EXPECT_EQ(python_repr(parse_json(R"({"a": 1, "b": 2, "a": 3})")), "{'a': 3, 'b': 2}");
}

TEST(Json, ALoneSurrogateIsNoCharacter) {
    EXPECT_EQ(*parse_json(R"("\ud800x\ude00\ud800A")").as_string(), "\uFFFDx\uFFFD\uFFFDA");
}

TEST(Json, IsStrict) {
    for (const auto* text :
         {"",         " ",         "a",          "{",     "[",        "[1",    "[1,",       "[1,]",    "{\"a\"",
          "{\"a\":",  "{\"a\":1,", "{\"a\":1,}", "{a:1}", "01",       "-",     "1.",        ".5",      "1e",
          "1e+",      "+1",        "tru",        "nulll", "'a'",      "\"",    "\"\\",      "\"\\q\"", "\"\\u12\"",
          "\"a\nb\"", "\"\xff\"",  "[1] 2",      "NaN",   "Infinity", "[1 2]", "{\"a\" 1}", "// x\n1", "--1"})
        EXPECT_THROW(parse_json(text), YamlError) << text;
}

TEST(Json, EveryPrefixOfADocumentIsRefusedAndTheWholeIsRead) {
    const std::string text = R"({"a": [1, {"b": "\u00e9x"}, null], "c": -1.5e3})";
    for (std::size_t cut = 0; cut < text.size(); ++cut) EXPECT_THROW(parse_json(text.substr(0, cut)), YamlError) << cut;
    EXPECT_NO_THROW(parse_json(text));
}

TEST(Json, ErrorsHaveTheLine) {
    try {
        parse_json("{\n  \"a\": 1,\n  b: 2\n}");
        FAIL();
    } catch (const YamlError& error) {
        EXPECT_STREQ(error.what(), "line 3, column 3: a key in double quotes was expected");
    }
}

}  // namespace
}  // namespace patchbay
