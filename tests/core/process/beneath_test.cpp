// SPDX-License-Identifier: Apache-2.0
#include "core/process/beneath.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

struct Beneath : ::testing::Test {
    testing::TemporaryFolder scratch;
    fs::path root = scratch.path / "root";
    Beneath() {
        fs::create_directories(root / "usr/lib");
        std::ofstream{root / "usr/lib/a"} << "inside";
        std::ofstream{scratch.path / "a"} << "outside";
        fs::create_symlink("usr/lib", root / "lib");
        fs::create_symlink("/usr/lib", root / "abs");
        fs::create_symlink("../../../../usr/lib", root / "climb");
        fs::create_symlink("../../a", root / "usr/out");
        fs::create_symlink("loop", root / "loop");
        fs::create_symlink("usr/lib/a", root / "file");
    }
    /// The text of the file, or the error.
    std::string at(const std::string& path, Links links) const {
        const FileDescriptor folder{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        const auto file = open_beneath(folder.get(), path, O_RDONLY, links);
        if (!file)
            return errno == ENOENT    ? "ENOENT"
                   : errno == ELOOP   ? "ELOOP"
                   : errno == EXDEV   ? "EXDEV"
                   : errno == ENOTDIR ? "ENOTDIR"
                                      : "?";
        char bytes[16];
        const auto count = ::read(file.get(), bytes, sizeof bytes);
        return count < 0 ? "folder" : std::string(bytes, static_cast<std::size_t>(count));
    }
};

TEST_F(Beneath, PlainPathsLeadToTheirFiles) {
    for (const auto links : {Links::refused, Links::in_the_root}) {
        for (const auto* path : {"usr/lib/a", "/usr//lib/a", "./usr/./lib/a", "usr/../usr/lib/a", "usr/lib/../lib/a"})
            EXPECT_EQ(at(path, links), "inside") << path;
        for (const auto* path : {"", "/", ".", "usr", "usr/lib/", "usr/lib/.."})
            EXPECT_EQ(at(path, links), "folder") << path;
        for (const auto* path : {"b", "b/c", "usr/b"}) EXPECT_EQ(at(path, links), "ENOENT") << path;
        for (const auto* path : {"usr/lib/a/", "usr/lib/a/b", "usr/lib/a/.."})
            EXPECT_EQ(at(path, links), "ENOTDIR") << path;
    }
}

TEST_F(Beneath, NoLinkIsFollowedWhereTheyAreRefused) {
    for (const auto* path : {"lib", "lib/a", "abs/a", "climb/a", "usr/out", "loop", "file"})
        EXPECT_EQ(at(path, Links::refused), "ELOOP") << path;
    for (const auto* path : {"..", "../a", "usr/../../a", "/../root/usr/lib/a"})
        EXPECT_EQ(at(path, Links::refused), "EXDEV") << path;
}

TEST_F(Beneath, LinksStayInsideTheRootThatTheyAreReadIn) {
    for (const auto* path : {"lib/a", "abs/a", "climb/a", "file", "../usr/lib/a", "lib/../lib/a", "abs/../../lib/a"})
        EXPECT_EQ(at(path, Links::in_the_root), "inside") << path;
    EXPECT_EQ(at("usr/out", Links::in_the_root), "ENOENT");
    EXPECT_EQ(at("loop", Links::in_the_root), "ELOOP");
    EXPECT_EQ(at("file/", Links::in_the_root), "ENOTDIR");
}

TEST_F(Beneath, MoreLinksThanTheKernelFollowsAreALoop) {
    fs::create_symlink("usr/lib/a", root / "l1");
    for (int i = 2; i <= 41; ++i) fs::create_symlink("l" + std::to_string(i - 1), root / ("l" + std::to_string(i)));
    EXPECT_EQ(at("l40", Links::in_the_root), "inside");
    EXPECT_EQ(at("l41", Links::in_the_root), "ELOOP");
}

}  // namespace
}  // namespace patchbay
