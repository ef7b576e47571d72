// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/schema.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using namespace schema;

std::string say(const Rule& rule, const char* yaml, Extra extra = Extra::refused) {
    const auto problem = check(rule, config::parse_yaml(yaml), extra);
    return problem ? problem->text() : "";
}

TEST(Schema, MappingsAreCheckedForGroupsThenEntriesThenMissingKeys) {
    const auto rule = map(
        {required("a", integer()), optional("b", text()), exclusive("c", "g", text()), exclusive("d", "g", text())});
    EXPECT_EQ(say(rule, "{a: 1, b: x}"), "");
    EXPECT_EQ(say(rule, "5"), "expected a dictionary");
    EXPECT_EQ(say(rule, "{}"), "required key not provided @ data['a']");
    EXPECT_EQ(say(rule, "{z: 1}"), "extra keys not allowed @ data['z']");
    EXPECT_EQ(say(rule, "{a: x}"), "expected int for dictionary value @ data['a']");
    EXPECT_EQ(say(rule, "{b: 1, a: x}"), "expected str for dictionary value @ data['b']");
    EXPECT_EQ(say(rule, "{a: x, c: y, d: z}"), "two or more values in the same group of exclusion 'g' @ data[<g>]");
}

TEST(Schema, UnknownKeysAreAllowedWhereItIsSaid) {
    const auto rule = map({optional("a", map({})), optional("b", map(Extra::refused, {}))});
    EXPECT_EQ(say(rule, "{x: 1, a: {y: 1}}", Extra::allowed), "");
    EXPECT_EQ(say(rule, "{b: {y: 1}}", Extra::allowed), "extra keys not allowed @ data['b']['y']");
    EXPECT_EQ(say(rule, "{b: {}, x: 1}", Extra::allowed), "");
}

TEST(Schema, OfAlternativesTheFirstErrorIsShownUnlessALaterOneIsDeeper) {
    const auto rule = any({literal("public"), map({required("group", list_of({text()}))})});
    EXPECT_EQ(say(rule, "public"), "");
    EXPECT_EQ(say(rule, "x"), "not a valid value");
    EXPECT_EQ(say(rule, "{group: 5}"), "expected a list for dictionary value @ data['group']");
    EXPECT_EQ(say(rule, "{group: [5]}"), "expected str @ data['group'][0]");
}

TEST(Schema, ItemsOfListsShowTheLastAlternative) {
    const auto rule = list_of({integer(), text()});
    EXPECT_EQ(say(rule, "[1, a, 1.5]"), "expected str @ data[2]");
    EXPECT_EQ(say(rule, "{}"), "expected a list");
}

TEST(Schema, WhatIsWrongInsideAnItemComesBeforeAnItemThatIsWrongAsAWhole) {
    const auto rule = list_of({map({required("a", integer())})});
    EXPECT_EQ(say(rule, "[5, {a: 1}, 6]"), "expected a dictionary @ data[0]");
    EXPECT_EQ(say(rule, "[5, {a: x}]"), "expected int for dictionary value @ data[1]['a']");
}

TEST(Schema, AMissingKeyMaySayItsOwnWords) {
    auto kernel = required("kernel", text());
    kernel.missing = "needs a kernel to deploy";
    EXPECT_EQ(say(map({kernel}), "{}"), "needs a kernel to deploy @ data['kernel']");
    const auto images = map({some_text("'images' is empty", text())});
    EXPECT_EQ(say(images, "{a: x}"), "");
    EXPECT_EQ(say(images, "{}"), "'images' is empty @ data[<class 'str'>]");
    EXPECT_EQ(say(images, "{5: x}", Extra::allowed), "'images' is empty @ data[<class 'str'>]");
    EXPECT_EQ(say(literal("qemu", "'method' should be 'qemu'"), "x"), "'method' should be 'qemu'");
}

TEST(Schema, PathsHoldTheKeysThemselves) {
    const auto rule = map({exclusive("c", "g", text()), exclusive("d", "g", text()), optional("l", list_of({text()}))});
    const auto path = [&](const char* yaml) {
        return config::dump_json(check(rule, config::parse_yaml(yaml), Extra::refused)->path.values());
    };
    EXPECT_EQ(path("{l: [a, 5]}"), R"(["l",1])");
    EXPECT_EQ(path("{c: a, d: b}"), R"(["g"])");
    EXPECT_EQ(path("{7: a}"), "[7]");
}

TEST(Schema, LimitsOfValues) {
    EXPECT_EQ(say(length(1, 2), "äöü"), "length of value must be at most 2");
    EXPECT_EQ(say(length(1), "''"), "length of value must be at least 1");
    EXPECT_EQ(say(at_least(1), "0"), "value must be at least 1");
    EXPECT_EQ(say(at_most(100), "101"), "value must be at most 100");
    EXPECT_EQ(say(at_least(1), "x"), "invalid value or type (must have a partial ordering)");
    EXPECT_EQ(say(at_least(1), "100000000000000000000"), "");
    EXPECT_EQ(say(at_most(100), "100000000000000000000"), "value must be at most 100");
    EXPECT_EQ(say(integer(), "yes"), "");
    EXPECT_EQ(say(made_of("abc", "^[abc]+$"), "abd"), "does not match regular expression ^[abc]+$");
    EXPECT_EQ(say(made_of("abc", "^[abc]+$"), "\"abc\\n\""), "") << "Python's $";
    EXPECT_EQ(say(made_of("abc", "^[abc]+$"), "5"), "expected string or buffer");
    EXPECT_EQ(say(map({every("ab", integer())}), "{ab: 1, c: 2}"), "extra keys not allowed @ data['c']");
    EXPECT_EQ(say(all({text(), length(2)}), "5"), "expected str");
}

}  // namespace
}  // namespace patchbay
