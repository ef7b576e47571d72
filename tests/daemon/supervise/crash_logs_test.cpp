// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/crash_logs.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class CrashLogsTest : public ::testing::Test {
protected:
    void keep(std::int64_t lease, std::size_t most = most_crash_logs) {
        std::ofstream{log()} << "why lease " << lease << " failed";
        keep_crash_log(log(), kept(), LeaseId{lease}, most);
    }
    std::set<std::string> names() const {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{kept()}) names.insert(entry.path().filename());
        return names;
    }
    std::filesystem::path log() const { return folder.path / "runner.log"; }
    std::filesystem::path kept() const { return folder.path / "crashes"; }
    TemporaryFolder folder;
};

TEST_F(CrashLogsTest, OnlyTheLogsOfTheNewestLeasesStay) {
    for (std::int64_t lease = 8; lease <= 11; ++lease) keep(lease, 2);
    EXPECT_EQ(names(), (std::set<std::string>{"lease-10.log", "lease-11.log"})) << "9 is older than 10";
    EXPECT_FALSE(std::filesystem::exists(log()));
    std::string text;
    std::getline(std::ifstream{kept() / "lease-11.log"}, text);
    EXPECT_EQ(text, "why lease 11 failed");
}

TEST_F(CrashLogsTest, FilesOfPeopleAreLeftAlone) {
    keep(1, 1);
    std::ofstream{kept() / "lease-1.log.txt"};
    std::ofstream{kept() / "lease-old.log"};
    keep(2, 1);
    EXPECT_EQ(names(), (std::set<std::string>{"lease-1.log.txt", "lease-2.log", "lease-old.log"}));
}

TEST_F(CrashLogsTest, AFolderThatCannotBeMadeStopsNothing) {
    std::ofstream{kept()} << "a file";
    keep(1);
    EXPECT_TRUE(std::filesystem::exists(log()));
}

}  // namespace
}  // namespace patchbay
