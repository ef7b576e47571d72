// SPDX-License-Identifier: Apache-2.0
#include "core/process/remove_tree.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

struct RemoveTree : ::testing::Test {
    testing::TemporaryFolder scratch;
    fs::path tree = scratch.path / "tree";
    RemoveTree() {
        fs::create_directories(tree / "a/b");
        fs::create_directories(tree / "z");
        std::ofstream{tree / "a/b/file"} << "x";
        std::ofstream{tree / "z/file"} << "x";
    }
};

/// As another user than root, for whom modes count. The exit code says how it went.
int as_nobody(const std::function<bool()>& check) {
    const auto child = ::fork();
    if (child == 0) ::_exit(::setgid(65534) == 0 && ::setuid(65534) == 0 ? (check() ? 0 : 1) : 2);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

TEST_F(RemoveTree, TakesAllButWhatALinkLeadsTo) {
    fs::create_directories(scratch.path / "other");
    std::ofstream{scratch.path / "other/kept"} << "x";
    fs::create_directory_symlink(scratch.path / "other", tree / "link");
    EXPECT_EQ(remove_tree(tree), "");
    EXPECT_FALSE(fs::exists(tree));
    EXPECT_TRUE(fs::exists(scratch.path / "other/kept"));
    EXPECT_EQ(remove_tree(tree), "");
}

TEST_F(RemoveTree, TakesFoldersThatTheirOwnerMayNotWriteInto) {
    if (::geteuid() != 0) GTEST_SKIP() << "this needs root, to become another user";
    for (const auto& each : {scratch.path, tree, tree / "a", tree / "a/b", tree / "z"})
        ASSERT_EQ(::chown(each.c_str(), 65534, 65534), 0);
    fs::permissions(tree / "a/b", fs::perms::none);
    fs::permissions(tree / "a", fs::perms{0500});
    EXPECT_EQ(as_nobody([&] { return remove_tree(tree).empty(); }), 0);
    EXPECT_FALSE(fs::exists(tree));
}

TEST_F(RemoveTree, TakesWhatItCanAndSaysWhatToDoAboutTheRest) {
    if (::geteuid() != 0) GTEST_SKIP() << "this needs root, to become another user";
    for (const auto& each : {scratch.path, tree, tree / "z"}) ASSERT_EQ(::chown(each.c_str(), 65534, 65534), 0);
    std::ofstream{scratch.path / "said"} << "";
    fs::permissions(scratch.path / "said", fs::perms{0666});
    as_nobody([&] {
        std::ofstream{scratch.path / "said"} << remove_tree(tree);
        return true;
    });
    EXPECT_TRUE(fs::exists(tree / "a/b/file"));
    EXPECT_FALSE(fs::exists(tree / "z"));
    std::string said;
    std::getline(std::ifstream{scratch.path / "said"}, said);
    EXPECT_EQ(said, "cannot remove '" + tree.string() + "': 1 of its files or folders stay; '" + tree.string() +
                        "/a/b/file': Permission denied; remove it as root: rm -rf --one-file-system '" + tree.string() +
                        "'");
}

}  // namespace
}  // namespace patchbay
