// SPDX-License-Identifier: Apache-2.0
#include "core/whole_file.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

TEST(WholeFile, ReplacesWhatWasThere) {
    const auto path = std::filesystem::path{testing::TempDir()} / "whole_file_test";
    write_whole_file(path, "a long text");
    write_whole_file(path, "short");
    EXPECT_EQ(read_whole_file(path, 5), "short");
    EXPECT_THROW(read_whole_file(path, 4), InfrastructureError);
    std::filesystem::remove(path);
}

TEST(WholeFile, WhatCannotBeReadIsNamedWithTheReason) {
    const auto refusal = [](const std::string& path, std::size_t limit) -> std::string {
        try {
            read_whole_file(path, limit);
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(refusal("/nonexistent/file", 10), "cannot read /nonexistent/file: No such file or directory");
    EXPECT_EQ(refusal("/proc", 10), "cannot read /proc: Is a directory");
    EXPECT_EQ(refusal("/dev/zero", 70'000), "/dev/zero is larger than 70000 bytes, which is the limit");
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
