// SPDX-License-Identifier: Apache-2.0
#include "core/whole_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/errors.hpp"

namespace patchbay {
namespace {

TEST(WholeFile, ReplacesWhatWasThere) {
    const auto path = std::filesystem::path{testing::TempDir()} / "whole_file_test";
    write_whole_file(path, "a long text");
    write_whole_file(path, "short");
    std::ifstream file{path};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{file}, {}), "short");
    std::filesystem::remove(path);
}

TEST(WholeFile, WhatCannotBeWrittenIsNamedWithTheReason) {
    try {
        write_whole_file("/nonexistent/folder/file", "x");
        FAIL();
    } catch (const InfrastructureError& error) {
        EXPECT_NE(std::string{error.what()}.find("/nonexistent/folder/file: No such file"), std::string::npos);
    }
    EXPECT_THROW(write_whole_file("/dev/full", std::string(100'000, 'x')), InfrastructureError);
}

}  // namespace
}  // namespace patchbay
