// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/python_json.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

std::string as_json(std::string_view text) {
    std::string out;
    append_python_string(out, text);
    return out;
}

// Each right side is what json.dumps of Python 3.11 prints.
TEST(PythonJson, WritesTextsAsJsonDumpsDoes) {
    EXPECT_EQ(as_json("plain / text"), R"("plain / text")");
    EXPECT_EQ(as_json("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(as_json("\b\f\n\r\t\x01\x1f\x7f"), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    EXPECT_EQ(as_json(std::string_view{"\0", 1}), R"("\u0000")");
    EXPECT_EQ(as_json("caf\xc3\xa9 \xe2\x82\xac"), R"("caf\u00e9 \u20ac")");
    EXPECT_EQ(as_json("\xf0\x9f\x98\x80"), R"("\ud83d\ude00")");
}

TEST(PythonJson, InvalidUtf8IsReplacedWhereverItIsCut) {
    EXPECT_EQ(as_json("a\xff"
                      "b"),
              R"("a\ufffdb")");
    EXPECT_EQ(as_json("\xc3"), R"("\ufffd")");
    EXPECT_EQ(as_json("\xc3(x"), R"("\ufffd(x")");
    EXPECT_EQ(as_json("\xc0\xaf"), R"("\ufffd")") << "overlong";
    EXPECT_EQ(as_json("\xed\xa0\x80"), R"("\ufffd")") << "half of a pair";
    EXPECT_EQ(as_json("\xf4\x90\x80\x80"), R"("\ufffd")") << "beyond Unicode";
    const std::string text = "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9";
    for (std::size_t from = 0; from < text.size(); ++from)
        for (std::size_t size = 0; from + size <= text.size(); ++size)
            EXPECT_NO_THROW(config::parse_json(as_json(text.substr(from, size)))) << from << " " << size;
}

TEST(PythonJson, WritesObjectsInTheOrderOfTheirKeys) {
    EXPECT_EQ(PythonObject{}.take(), "{}");
    PythonObject object;
    object.add("b", std::string_view{"x"}).add("a", std::int64_t{-3}).add("flag", true).add_null("none");
    object.add_known("left out", std::optional<std::string>{}).add_known("there", std::optional<std::string>{"y"});
    EXPECT_EQ(object.take(), R"({"b": "x", "a": -3, "flag": true, "none": null, "there": "y"})");
}

TEST(PythonJson, WholeSecondsHaveNoFraction) {
    EXPECT_EQ(python_time(WallTime{1s}), "1970-01-01T00:00:01");
    EXPECT_EQ(python_time(WallTime{1s + 20us}), "1970-01-01T00:00:01.000020");
}

}  // namespace
}  // namespace patchbay
