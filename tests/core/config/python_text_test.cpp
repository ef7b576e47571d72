// SPDX-License-Identifier: Apache-2.0
#include "core/config/python_text.hpp"

#include <gtest/gtest.h>

#include "core/config/value.hpp"

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::python_float;
using config::python_repr;
using config::python_str;
using config::Value;

TEST(PythonText, FloatsAreWrittenAsPythonWritesThem) {
    EXPECT_EQ(python_float(1.0), "1.0");
    EXPECT_EQ(python_float(-0.0), "-0.0");
    EXPECT_EQ(python_float(0.1), "0.1");
    EXPECT_EQ(python_float(123456.789), "123456.789");
    EXPECT_EQ(python_float(1e15), "1000000000000000.0");
    EXPECT_EQ(python_float(1e16), "1e+16");
    EXPECT_EQ(python_float(1.5e16), "1.5e+16");
    EXPECT_EQ(python_float(0.0001), "0.0001");
    EXPECT_EQ(python_float(0.00001), "1e-05");
    EXPECT_EQ(python_float(5e-324), "5e-324");
}

TEST(PythonText, TextIsQuotedAsPythonQuotesIt) {
    EXPECT_EQ(python_repr("a"), "'a'");
    EXPECT_EQ(python_repr("it's"), "\"it's\"");
    EXPECT_EQ(python_repr("it's \"x\""), "'it\\'s \"x\"'");
    EXPECT_EQ(python_repr("a\\b\n\r\t\x01\x7f"), "'a\\\\b\\n\\r\\t\\x01\\x7f'");
    EXPECT_EQ(python_repr("é\u00a0\u2028\U0001F600"), "'é\\xa0\\u2028\U0001F600'");
}

TEST(PythonText, ContainersAreWrittenAsPythonWritesThem) {
    const Value value = Map{{"a", 1}, {"b", List{true, Value{}, "x"}}, {"c", Map{}}};
    EXPECT_EQ(python_str(value), "{'a': 1, 'b': [True, None, 'x'], 'c': {}}");
    EXPECT_EQ(python_str(Value{"x"}), "x");
    EXPECT_EQ(python_str(Value{config::Timestamp{"2026-01-02"}}), "2026-01-02");
    EXPECT_EQ(python_repr(Value{config::Timestamp{"2026-01-02"}}), "datetime.date(2026, 1, 2)");
    EXPECT_EQ(python_repr(Value{config::Binary{std::string{"a\0'", 3}}}), "b\"a\\x00'\"");
}

}  // namespace
}  // namespace patchbay
