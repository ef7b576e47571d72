// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using config::dump_yaml;
using config::KeyOrder;
using config::parse_yaml;
using config::python_repr;
using testing::read_text;

TEST(DumpYaml, WritesByteForByteWhatPyYamlWrites) {
    std::istringstream rows{read_text(PATCHBAY_SOURCE_DIR "/tests/core/config/data/dump.jsonl")};
    int count = 0;
    for (std::string line; std::getline(rows, line); ++count) {
        const auto row = config::parse_json(line);
        const auto value = testing::untyped(*row.find("value"));
        SCOPED_TRACE(python_repr(value).substr(0, 200));
        EXPECT_EQ(dump_yaml(value, KeyOrder::document), *row.find("document")->as_string());
        EXPECT_EQ(dump_yaml(value, KeyOrder::sorted), *row.find("sorted")->as_string());
    }
    EXPECT_GT(count, 1000);
}

TEST(DumpYaml, AStoredDefinitionIsTheSortedDumpOfTheSubmittedOne) {
    int count = 0;
    for (const auto& folder : std::filesystem::directory_iterator{PATCHBAY_SOURCE_DIR "/tests/compat/golden"}) {
        if (!std::filesystem::exists(folder.path() / "definition.yaml")) continue;
        if (!std::filesystem::exists(folder.path() / "job.yaml")) continue;
        SCOPED_TRACE(folder.path().filename());
        const auto job = parse_yaml(read_text(folder.path() / "job.yaml"));
        EXPECT_EQ(dump_yaml(job, KeyOrder::sorted), read_text(folder.path() / "definition.yaml"));
        ++count;
    }
    EXPECT_GE(count, 20);
}

TEST(DumpYaml, WhatIsDumpedReadsBackAsTheSame) {
    std::istringstream rows{read_text(PATCHBAY_SOURCE_DIR "/tests/core/config/data/dump.jsonl")};
    for (std::string line; std::getline(rows, line);) {
        const auto value = testing::untyped(*config::parse_json(line).find("value"));
        EXPECT_TRUE(testing::same(parse_yaml(dump_yaml(value)), value)) << python_repr(value).substr(0, 200);
    }
}

TEST(DumpYaml, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
    EXPECT_EQ(dump_yaml(config::Map{{"a", std::string{"x\xff"}}}), "a: \"x\\uFFFD\"\n");
}

}  // namespace
}  // namespace patchbay
