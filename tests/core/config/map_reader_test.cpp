// SPDX-License-Identifier: Apache-2.0
#include "core/config/map_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/duration.hpp"
#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;
using config::MapReader;
using config::parse_yaml;
using config::Problems;
using config::Value;
using ::testing::ElementsAre;

/// A made-up file with one key of each type.
std::vector<std::string> problems_in(const std::string& text) {
    const auto value = parse_yaml(text);
    Problems problems{"lab.yaml"};
    MapReader reader{value, "", problems};
    reader.required<std::string>("chip");
    reader.value_or<unsigned>("line", 0U);
    reader.value_or<int>("offset", 0);
    reader.value_or<bool>("active_low", false);
    reader.value_or<double>("factor", 1.0);
    reader.value_or<std::chrono::seconds>("delay", 2s);
    reader.value_or<std::chrono::milliseconds>("pulse", 200ms);
    reader.maybe<std::vector<std::string>>("tags");
    auto power = reader.map("power");
    power.maybe<std::string>("driver");
    power.finish();
    for (auto& port : reader.maps("ports")) {
        port.required<unsigned>("number");
        port.finish();
    }
    reader.finish();
    return problems.lines();
}

struct Mistake {
    std::string text;
    std::vector<std::string> lines;
};

TEST(MapReader, EveryMistakeIsNamedWithItsPlace) {
    const std::vector<Mistake> table{
        {"chip: gpiochip0\nline: 3\ntags: [a]\ndelay: 90s\npulse: 1h30m\nfactor: 1\nports: [{number: 1}]", {}},
        {"{}", {"lab.yaml:1:1: the key 'chip' is missing; it takes text"}},
        {"", {"lab.yaml: the key 'chip' is missing; it takes text"}},
        {"chip:", {"lab.yaml:1:1: the key 'chip' is missing; it takes text"}},
        {"chip: 7", {"lab.yaml:1:7: chip: text was expected, this is a whole number: 7"}},
        {"chip: 2026-01-02", {"lab.yaml:1:7: chip: text was expected, this is a date (quote it to make it text)"}},
        {"chip: a\nline: -1",
         {"lab.yaml:2:7: line: a whole number, not below 0 was expected, this is a whole number: -1"}},
        {"chip: a\noffset: 9999999999",
         {"lab.yaml:2:9: offset: a whole number was expected, this is a whole number: 9999999999"}},
        {"chip: a\nactive_low: 1",
         {"lab.yaml:2:13: active_low: true or false was expected, this is a whole number: 1"}},
        {"chip: a\nfactor: fast", {"lab.yaml:2:9: factor: a number was expected, this is text: 'fast'"}},
        {"chip: a\ndelay: 5x",
         {"lab.yaml:2:8: delay: a duration: seconds, or text like \"90s\", \"5m\", \"2h\", \"1d\" was expected, this "
          "is text: '5x'"}},
        {"chip: a\ndelay: 200ms",
         {"lab.yaml:2:8: delay: a duration: seconds, or text like \"90s\", \"5m\", \"2h\", \"1d\" was expected, this "
          "is text: '200ms'"}},
        {"chip: a\npulse: -1",
         {"lab.yaml:2:8: pulse: a duration: seconds, or text like \"200ms\", \"90s\", \"5m\" was expected, this is a "
          "whole number: -1"}},
        {"chip: a\ntags: usb", {"lab.yaml:2:7: tags: a list of texts was expected, this is text: 'usb'"}},
        {"chip: a\ntags: [usb, 1]", {"lab.yaml:2:7: tags: a list of texts was expected, this is a list"}},
        {"chip: a\npower: on", {"lab.yaml:2:8: power: a mapping was expected, this is a boolean"}},
        {"chip: a\nports: {number: 1}", {"lab.yaml:2:8: ports: a list of mappings was expected, this is a mapping"}},
        {"chip: a\nports: [{number: 1}, {}, 5]",
         {"lab.yaml:2:22: ports[1]: the key 'number' is missing; it takes a whole number, not below 0",
          "lab.yaml:2:26: ports[2]: a mapping was expected, this is a whole number"}},
        {"chip: a\nactive-low: true", {"lab.yaml:2:1: unknown key 'active-low' (did you mean 'active_low'?)"}},
        {"chip: a\npower:\n  divrer: x", {"lab.yaml:3:3: power: unknown key 'divrer' (did you mean 'driver'?)"}},
        {"chip: a\nzzz: 1", {"lab.yaml:2:1: unknown key 'zzz'"}},
        {"chip: a\n7: 1", {"lab.yaml:2:1: unknown key '7'"}},
        {"chipp: a\nline: x\nfactor: y",
         {"lab.yaml:1:1: the key 'chip' is missing; it takes text",
          "lab.yaml:1:1: unknown key 'chipp' (did you mean 'chip'?)",
          "lab.yaml:2:7: line: a whole number, not below 0 was expected, this is text: 'x'",
          "lab.yaml:3:9: factor: a number was expected, this is text: 'y'"}},
    };
    for (const auto& mistake : table) EXPECT_EQ(problems_in(mistake.text), mistake.lines) << mistake.text;
}

TEST(MapReader, WhatIsNotAMappingIsSaid) {
    const auto value = parse_yaml("- a");
    Problems problems{"lab.yaml"};
    MapReader reader{value, "devices", problems};
    EXPECT_THAT(problems.lines(), ElementsAre("lab.yaml:1:1: devices: a mapping was expected, this is a list"));
}

TEST(MapReader, GivesTypedValues) {
    const auto value = parse_yaml("{a: x, b: 5, c: 90s, d: [p, q], e: 0.5, f: {g: 1}, h: yes}");
    Problems problems{"x"};
    MapReader reader{value, "", problems};
    EXPECT_EQ(reader.required<std::string>("a"), "x");
    EXPECT_EQ(reader.required<int>("b"), 5);
    EXPECT_EQ(reader.required<std::int64_t>("b"), 5);
    EXPECT_EQ(reader.required<std::chrono::seconds>("b"), 5s);
    EXPECT_EQ(reader.required<std::chrono::seconds>("c"), 90s);
    EXPECT_EQ(reader.required<std::chrono::milliseconds>("e"), 500ms);
    EXPECT_THAT(reader.required<std::vector<std::string>>("d"), ElementsAre("p", "q"));
    EXPECT_EQ(reader.map("f").required<unsigned>("g"), 1U);
    EXPECT_EQ(reader.map("f").path(), "f");
    EXPECT_TRUE(reader.value_or<bool>("h", false));
    EXPECT_EQ(reader.value_or<std::string>("none", "z"), "z");
    EXPECT_FALSE(reader.maybe<int>("none"));
    EXPECT_TRUE(reader.has("a"));
    EXPECT_EQ(reader.raw("f")->find("g")->mark.line, 1);
    reader.finish();
    EXPECT_TRUE(problems.empty());
    EXPECT_NO_THROW(problems.raise_if_any());
}

TEST(Problems, AreThrownAllAtOnce) {
    Problems problems{"lab.yaml"};
    problems.add({2, 3}, "a.b", "first");
    problems.add({}, "", "second");
    try {
        problems.raise_if_any();
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_STREQ(error.what(), "lab.yaml:2:3: a.b: first\nlab.yaml: second");
    }
}

TEST(Duration, IsReadInEveryUnit) {
    EXPECT_EQ(config::parse_duration("200ms"), 200ms);
    EXPECT_EQ(config::parse_duration("90s"), 90s);
    EXPECT_EQ(config::parse_duration("1h30m"), 90min);
    EXPECT_EQ(config::parse_duration("1d"), 24h);
    for (const auto* bad : {"", "5", "s", "-5s", "5 s", "1.5h", "5sec", "99999999999999999999s", "40000d"})
        EXPECT_FALSE(config::parse_duration(bad)) << bad;
}

}  // namespace
}  // namespace patchbay
