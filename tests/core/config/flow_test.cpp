// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using config::dump_flow;
using config::dump_json;
using config::List;
using config::Map;
using config::Value;

std::string flow(std::string_view text) {
    std::string out;
    config::append_flow_string(out, text);
    return out;
}

TEST(Flow, ARecordLooksAsLavaStoresIt) {
    const Value record = Map{{"dt", "2026-01-01T00:00:01.000001"}, {"lvl", "target"}, {"msg", "hello \t world"}};
    EXPECT_EQ(dump_flow(record), R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "target", "msg": "hello \t world"})");
    const Value result = Map{{"case", "x"}, {"count", 3}, {"ok", true}, {"none", Value{}}, {"l", List{1, 2.5}}};
    EXPECT_EQ(dump_flow(result), R"({"case": "x", "count": 3, "ok": true, "none": null, "l": [1, 2.5]})");
}

TEST(Flow, EscapesWhatYamlOrJsonWouldNotTake) {
    EXPECT_EQ(flow("\"\\/\n\r\t"), R"("\"\\/\n\r\t")");
    EXPECT_EQ(flow(std::string_view{"\0\x01\x1b\x1f\x7f", 5}), R"("\u0000\u0001\u001b\u001f\u007f")");
    EXPECT_EQ(flow("\u0080\u0085\u009f\u00a0"), "\"\\u0080\\u0085\\u009f\u00a0\"");
    EXPECT_EQ(flow("\u2027\u2028\u2029\u202a"), "\"\u2027\\u2028\\u2029\u202a\"");
    EXPECT_EQ(flow("\uFEFF\uFFFD\uFFFE\uFFFF"), "\"\\ufeff\uFFFD\\ufffe\\uffff\"");
    EXPECT_EQ(flow("\U0001F600é"), "\"\U0001F600é\"");
}

TEST(Flow, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
    EXPECT_EQ(flow("a\xff\x62"), "\"a\uFFFDb\"");
    EXPECT_EQ(flow("\xed\xa0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
    EXPECT_EQ(flow("\xc0\x80"), "\"\uFFFD\uFFFD\"");            // overlong
    EXPECT_EQ(flow("\xe2\x82"), "\"\uFFFD\"");                  // cut off
    EXPECT_EQ(flow("\xf4\x90\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");
}

TEST(Flow, EveryCharacterReadsBackAsItselfInYamlAndInJson) {
    for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : c < 0xFF00 || c > 0xFFFF ? 97 : 1) {
        if (c >= 0xD800 && c < 0xE000) continue;
        std::string text = "x";
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else {
            for (const int shift : {18, 12, 6, 0}) {
                const bool lead = (shift == 18 && c > 0xFFFF) || (shift == 12 && c > 0x7FF && c <= 0xFFFF) ||
                                  (shift == 6 && c <= 0x7FF);
                const char32_t mark = shift == 18 ? 0xF0 : shift == 12 ? 0xE0 : 0xC0;
                const char32_t bits = c >> shift;
                if (lead)
                    text += static_cast<char>(mark | bits);
                else if ((shift == 12 && c > 0xFFFF) || (shift == 6 && c > 0x7FF) || shift == 0)
                    text += static_cast<char>(0x80 | (bits & 0x3F));
            }
        }
        text += "y";
        const auto written = flow(text);
        ASSERT_EQ(*config::parse_json(written).as_string(), text) << static_cast<unsigned>(c);
        ASSERT_EQ(*config::parse_yaml("- " + written).as_list()->front().as_string(), text) << static_cast<unsigned>(c);
    }
}

TEST(Flow, NumbersAreNumbersForBothKindsOfReader) {
    for (const double number : {1e17, 1e-5, 1.5e300, 0.1, -2.0, 5e-324}) {
        const auto text = dump_flow(Value{number});
        ASSERT_TRUE(config::parse_yaml(text).as_double()) << text;
        EXPECT_EQ(*config::parse_yaml(text).as_double(), number);
        EXPECT_EQ(*config::parse_json(text).as_double(), number);
    }
    EXPECT_EQ(dump_flow(Value{std::numeric_limits<double>::infinity()}), "null");
}

TEST(Flow, JsonAnswersHaveNoBlanksAndTextForEveryKey) {
    Map map{{"a", List{1, true, Value{}}}, {"b", Map{}}};
    map.set(Value{2}, Value{"two"});
    map.set(Value{true}, Value{config::Timestamp{"2026-01-02"}});
    map.set(Value{nullptr}, Value{config::Binary{"hello"}});
    EXPECT_EQ(dump_json(map), R"({"a":[1,true,null],"b":{},"2":"two","true":"2026-01-02","null":"aGVsbG8="})");
}

}  // namespace
}  // namespace patchbay
