// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "jobs/download/stop_flag.hpp"

namespace patchbay {

/// A folder of its own for each test.
class ScratchTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "overlayXXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root = name;
    }
    void TearDown() override { std::filesystem::remove_all(root); }

    void write(const std::string& path, std::string_view text) const {
        std::filesystem::create_directories((root / path).parent_path());
        std::ofstream{root / path, std::ios::binary} << text;
    }
    std::string read(const std::string& path) const {
        std::ifstream file{root / path, std::ios::binary};
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    /// What the tools of the system say about our files. Both streams; the exit code is added when it is not 0.
    std::string tool(const std::string& line) const {
        FILE* pipe = ::popen(
            ("cd '" + root.string() +
             "' && PATH=$PATH:/usr/sbin:/sbin; unset KMSG CHARACTER_DELAY; export LC_ALL=C; { " + line + "; } 2>&1")
                .c_str(),
            "r");
        std::string text;
        char buffer[4096];
        for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
        const int status = ::pclose(pipe);
        return status == 0 ? text : text + "exit " + std::to_string(WEXITSTATUS(status));
    }

    std::filesystem::path root;
    const StopFlag go{false};
};

}  // namespace patchbay
