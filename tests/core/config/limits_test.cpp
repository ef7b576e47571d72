// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using config::parse_json;
using config::parse_yaml;
using config::YamlError;
using config::YamlLimits;

std::string problem_of(const std::string& text, const YamlLimits& limits = {}) {
    try {
        parse_yaml(text, limits);
        return "";
    } catch (const YamlError& error) {
        return error.problem;
    }
}

TEST(YamlLimits, TextOfMoreBytesIsNotEvenScanned) {
    YamlLimits limits;
    limits.bytes = 5;
    EXPECT_EQ(problem_of("a: 12", limits), "");
    EXPECT_EQ(problem_of("a: 123", limits), "6 bytes, more than the 5 allowed");
    EXPECT_THROW(parse_json("[1, 2]", limits), YamlError);
}

TEST(YamlLimits, DepthIsBounded) {
    EXPECT_EQ(problem_of(std::string(100, '[') + std::string(100, ']')), "");
    EXPECT_EQ(problem_of(std::string(102, '[') + std::string(102, ']')), "nested deeper than 100 levels");
    EXPECT_NE(problem_of(std::string(1'000'000, '[')), "");
    EXPECT_NE(problem_of(std::string(1'000'000, '{')), "");
    EXPECT_THROW(parse_json(std::string(1'000'000, '[')), YamlError);
    std::string chain = "a0: &a0 [x]\n";
    for (int i = 1; i < 300; ++i)
        chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    EXPECT_EQ(problem_of(chain), "nested deeper than 100 levels");
}

TEST(YamlLimits, NodesAreBounded) {
    YamlLimits limits;
    limits.nodes = 100;
    std::string list = "[1";
    for (int i = 0; i < 200; ++i) list += ", 1";
    EXPECT_EQ(problem_of(list + "]", limits), "more than 100 nodes");
    EXPECT_THROW(parse_json(list + "]", limits), YamlError);
}

TEST(YamlLimits, ABombOfAliasesStops) {
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c <= 'p'; ++c) {
        const std::string previous{static_cast<char>(c - 1)};
        bomb += std::string{c} + ": &" + c + " [";
        for (int i = 0; i < 9; ++i) bomb += (i > 0 ? ", *" : "*") + previous;
        bomb += "]\n";
    }
    EXPECT_EQ(problem_of(bomb), "more than 1000000 nodes, aliases expanded");
}

TEST(YamlLimits, ABombOfMergesStops) {
    std::string bomb = "a: &a {k: 1, l: 2, m: 3}\n";
    for (char c = 'b'; c <= 'p'; ++c) {
        const std::string previous{static_cast<char>(c - 1)};
        bomb += std::string{c} + ": &" + c + " {<<: [";
        for (int i = 0; i < 9; ++i) bomb += (i > 0 ? ", *" : "*") + previous;
        bomb += "]}\n";
    }
    EXPECT_NE(problem_of(bomb), "");
}

TEST(YamlLimits, ALoopOfMergesEnds) {
    EXPECT_NO_THROW(problem_of("&a {<<: *a, b: 1}"));
    EXPECT_NO_THROW(problem_of("&a {<<: {<<: *a, c: 2}, b: 1}"));
}

TEST(YamlLimits, ANumberMayHaveAsManyDigitsAsInPython) {
    EXPECT_EQ(problem_of("a: " + std::string(4300, '7')), "");
    EXPECT_NE(problem_of("a: " + std::string(4301, '7')), "");
}

TEST(YamlLimits, AMapOfManyKeysIsReadInLinearTime) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "key" + std::to_string(i) + ": 1\n";
    EXPECT_EQ(parse_yaml(text).as_map()->size(), 50'000U);
}

}  // namespace
}  // namespace patchbay
