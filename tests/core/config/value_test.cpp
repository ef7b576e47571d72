// SPDX-License-Identifier: Apache-2.0
#include "core/config/value.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using config::Map;
using config::Value;

TEST(Map, ASecondValueOfAKeyTakesThePlaceOfTheFirst) {
    Map map{{"a", 1}, {"b", 2}, {"a", 3}};
    EXPECT_EQ(python_repr(Value{map}), "{'a': 3, 'b': 2}");
    map.set("b", 5);
    map.set("c", 6);
    EXPECT_EQ(python_repr(Value{map}), "{'a': 3, 'b': 5, 'c': 6}");
}

TEST(Map, OneAndTrueAreTheSameKeyAsInPython) {
    Map map;
    map.set(Value{1}, "a");
    map.set(Value{true}, "b");
    map.set(Value{1.0}, "c");
    EXPECT_EQ(python_repr(Value{map}), "{1: 'c'}");
}

TEST(Map, TheOrderOfKeysDoesNotCountForEquality) {
    EXPECT_EQ((Map{{"a", 1}, {"b", 2}}), (Map{{"b", 2}, {"a", 1}}));
    EXPECT_FALSE((Map{{"a", 1}}) == (Map{{"a", 2}}));
}

TEST(Map, ErasesAndFindsByName) {
    Map map{{"a", 1}, {"b", 2}};
    EXPECT_TRUE(map.erase("a"));
    EXPECT_FALSE(map.erase("a"));
    EXPECT_FALSE(map.contains("a"));
    EXPECT_EQ(*map.find("b")->as_int(), 2);
    EXPECT_EQ(Value{1}.find("a"), nullptr);
}

}  // namespace
}  // namespace patchbay
