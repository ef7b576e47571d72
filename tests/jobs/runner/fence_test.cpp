// SPDX-License-Identifier: Apache-2.0
// Of two runners that believe to own a device, only the newer one touches the wires.
#include "jobs/runner/fence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/errors.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;

struct FenceTest : ::testing::Test {
    TemporaryFolder folder;

    std::string refusal(const std::string& device, std::int64_t fence) {
        try {
            const FenceLock lock{folder.path, device, Fence{fence}};
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(FenceTest, LetsNewerAndEqualNumbersIn) {
    EXPECT_EQ(refusal("board", 3), "");
    EXPECT_EQ(refusal("board", 3), "");  // the same lease makes the device safe after its runner
    EXPECT_EQ(refusal("board", 7), "");
    EXPECT_EQ(read_file(folder / "fences/board"), "7\n");
}

TEST_F(FenceTest, RefusesANumberThatHasPassed) {
    EXPECT_EQ(refusal("board", 12), "");
    EXPECT_THAT(refusal("board", 9), HasSubstr("fencing number 9 is lower than 12"));
    EXPECT_EQ(read_file(folder / "fences/board"), "12\n");
    EXPECT_EQ(refusal("other", 9), "");
}

TEST_F(FenceTest, RefusesWhileAnotherHoldsTheDevice) {
    {
        const FenceLock held{folder.path, "board", Fence{1}};
        EXPECT_THAT(refusal("board", 2), HasSubstr("device board is in use by another runner"));
        EXPECT_EQ(refusal("other", 2), "");
    }
    EXPECT_EQ(refusal("board", 2), "");
}

TEST_F(FenceTest, KeepsEveryDeviceNameInItsFolder) {
    for (const auto* name : {"rack1/board", "../board", "..", ".", "", "/etc/passwd"}) {
        EXPECT_EQ(refusal(name, 5), "") << name;
        EXPECT_NE(refusal(name, 4), "") << name;
    }
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder / "fences"}) {
        EXPECT_TRUE(entry.is_regular_file()) << entry.path();
        ++files;
    }
    EXPECT_EQ(files, 6u);
    EXPECT_FALSE(std::filesystem::exists(folder / "board"));
}

TEST_F(FenceTest, TakesAFileOfGarbageForANewDevice) {
    std::filesystem::create_directories(folder / "fences");
    write_file(folder / "fences/board", "not a number, and a long one at that, longer than any");
    EXPECT_EQ(refusal("board", 1), "");
    EXPECT_EQ(read_file(folder / "fences/board"), "1\n");
}

TEST_F(FenceTest, NamesAFolderThatCannotBeMade) {
    write_file(folder / "fences", "a file");
    EXPECT_THAT(refusal("board", 1), HasSubstr("fences"));
}

/// In a process of its own: what a full disk does to the file's writes, by a limit to the size of files.
template <class Fn>
int with_a_full_disk(Fn fn) {
    const auto child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit nothing{0, 0};
        ::setrlimit(RLIMIT_FSIZE, &nothing);
        ::_exit(fn());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

TEST_F(FenceTest, AFullDiskKeepsTheNumberAndLetsTheSameLeaseIn) {
    EXPECT_EQ(refusal("board", 12), "");
    EXPECT_EQ(with_a_full_disk([&] { return refusal("board", 12).empty() ? 0 : 1; }), 0);
    EXPECT_EQ(with_a_full_disk([&] { return refusal("board", 13).find("cannot write") != std::string::npos ? 0 : 1; }),
              0);
    EXPECT_EQ(read_file(folder / "fences/board"), "12\n");
}

}  // namespace
}  // namespace patchbay
