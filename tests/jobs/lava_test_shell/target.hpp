// SPDX-License-Identifier: Apache-2.0
#pragma once
// A target as the scripts see it: a folder with bin/ and the kernel's log, and one of the shells that targets have.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "jobs/lava_test_shell/scripts.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {

struct ShellOutcome {
    std::string output;  ///< both streams
    int code = -1;
};

class Target : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        std::filesystem::create_directory(root / "bin");
        std::ofstream{root / "kmsg"};
        install("");
    }

    /// The scripts of a distro, or with "" the common ones.
    void install(const std::string& distro) {
        for (const auto& script : distro.empty() ? common_scripts() : distro_scripts(distro)) {
            program("bin/" + std::string{script.name}, script.text);
        }
    }

    void program(const std::string& path, std::string_view text) {
        write(path, std::string{first_line()} + "\n\n" + std::string{text});
        ::chmod((root / path).c_str(), 0755);
    }

    void write(const std::string& path, std::string_view text) {
        std::filesystem::create_directories((root / path).parent_path());
        std::ofstream{root / path} << text;
    }

    std::string read(const std::filesystem::path& path) const {
        std::ifstream file{path.is_absolute() ? path : root / path};
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

    /// The shell under test runs the line, with bin/ first in PATH.
    ShellOutcome run(const std::string& line) {
        write("line.sh", "PATH=" + (root / "bin").string() + ":$PATH\nexport PATH\nKMSG_DEVICE=" +
                             (root / "kmsg").string() + "\nexport KMSG_DEVICE\nRETRY_DELAY=0\nexport RETRY_DELAY\n" +
                             "LAVA_RESULT_DIR=" + (root / "results").string() + "\nexport LAVA_RESULT_DIR\n" + line);
        // Nothing of who runs the tests: a KMSG or CHARACTER_DELAY of theirs would mean something to the scripts.
        const auto command = "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=" + root.string() + " " + GetParam() +
                             " " + (root / "line.sh").string() + " 2>&1 </dev/null";
        ShellOutcome outcome;
        FILE* pipe = ::popen(command.c_str(), "r");
        char buffer[4096];
        for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) outcome.output.append(buffer, n);
        const int status = ::pclose(pipe);
        outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return outcome;
    }

    std::string first_line() const { return std::string{"#!/usr/bin/env -S "} + GetParam(); }

    testing::TemporaryFolder temporary;
    const std::filesystem::path& root = temporary.path;
};

inline std::string shell_name(const ::testing::TestParamInfo<const char*>& info) {
    const std::string command = info.param;
    return command.substr(0, command.find(' '));
}

}  // namespace patchbay

/// Every test of a suite, with every shell that targets have.
#define EVERY_SHELL(suite) \
    INSTANTIATE_TEST_SUITE_P(Shells, suite, ::testing::Values("dash", "bash", "busybox sh"), patchbay::shell_name)
