// SPDX-License-Identifier: Apache-2.0
// Images of strangers, of which single files are taken.
#include "jobs/download/iso_image.hpp"

#include "tests/jobs/download/download_test.hpp"
#include "tests/support/iso_writer.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct IsoImage : DownloadTest {
    UnpackOptions options;
    StopFlag stop{false};
    IsoImage() { options.shown = "http://files/x.iso"; }

    void copy(const std::vector<std::string>& paths) {
        std::vector<IsoFile> files;
        for (std::size_t i = 0; i < paths.size(); ++i) {
            files.push_back({paths[i], root / std::to_string(i)});
            std::filesystem::remove(files.back().to);
        }
        copy_from_iso(root / "x.iso", files, options, stop);
    }
    std::string refusal(const std::string& path) {
        try {
            copy({path});
        } catch (const JobError& error) {
            return error.what();
        }
        ADD_FAILURE() << "no error";
        return {};
    }
};

TEST_F(IsoImage, GivesItsFilesWhicheverNamesItHas) {
    const std::string kernel(300'000, 'k');
    for (const auto names : {IsoNames::rock_ridge, IsoNames::joliet, IsoNames::plain}) {
        write_iso(root / "x.iso", {{"install/vmlinuz", kernel}, {"install/initrd.gz", "ramdisk"}}, names);
        copy({"/install/vmlinuz", "/install/initrd.gz"});
        EXPECT_EQ(read("0"), kernel);
        EXPECT_EQ(read("1"), "ramdisk");
    }
}

/// Place and size of a file in its directory record, which ends with its name (ECMA-119, 9.1).
std::string extent_of(const std::string& image, const std::string& name) {
    return image.substr(image.find(name) - 31, 16);
}

TEST_F(IsoImage, GivesAFileByEachOfItsNames) {
    write_iso(root / "x.iso", {{"a/first", "the bytes"}, {"b/second", "others"}, {"b/third", "more"}}, IsoNames::plain);
    auto image = read("x.iso");
    image.replace(image.find("SECOND.") - 31, 16, extent_of(image, "FIRST."));
    std::ofstream{root / "x.iso", std::ios::binary} << image;
    copy({"/b/second", "/a/first"});
    EXPECT_EQ(read("0") + ", " + read("1"), "the bytes, the bytes");
    copy({"/b/second"});
    EXPECT_EQ(read("0"), "the bytes");
    image.replace(image.find("THIRD.") - 31, 16, extent_of(image, "FIRST."));
    std::ofstream{root / "x.iso", std::ios::binary} << image;
    EXPECT_THROW(copy({"/b/second", "/b/third"}), JobError);
}

TEST_F(IsoImage, SaysWhatIsThereInThePlaceOfWhatIsNot) {
    write_iso(root / "x.iso", {{"install.amd/vmlinuz", "k"}, {"install.amd/initrd.gz", "i"}});
    EXPECT_EQ(refusal("/install.amd/vmlinux"),
              "'http://files/x.iso' has no file '/install.amd/vmlinux'; in that folder it has /install.amd/initrd.gz, "
              "/install.amd/vmlinuz");
    EXPECT_THAT(refusal("/install/vmlinuz"), HasSubstr("it has no such folder either"));
    EXPECT_THAT(refusal("/../install.amd/vmlinuz"), HasSubstr("has no file '/../install.amd/vmlinuz'"));
    EXPECT_THAT(refusal("/"), HasSubstr("has no file '/'"));
}

TEST_F(IsoImage, OfWhichNoRegularFileIsMeantIsRefused) {
    write_iso(root / "x.iso", {{"install/vmlinuz-6", "k"}, {"vmlinuz", "", "install/vmlinuz-6"}});
    EXPECT_EQ(
        refusal("/vmlinuz"),
        "'/vmlinuz' of 'http://files/x.iso' is no regular file, but a link to 'install/vmlinuz-6': name that one");
    EXPECT_EQ(refusal("/install"), "'/install' of 'http://files/x.iso' is no regular file");
}

TEST_F(IsoImage, DoesNotGiveMoreThanTheLimit) {
    write_iso(root / "x.iso", {{"a", std::string(1000, 'a')}, {"b", std::string(1000, 'b')}});
    options.limits.bytes = 2000;
    copy({"/a", "/b"});
    options.limits.bytes = 1999;
    EXPECT_THAT(([&] {
                    try {
                        copy({"/a", "/b"});
                    } catch (const JobError& error) {
                        return std::string{error.what()};
                    }
                    return std::string{};
                }()),
                HasSubstr("is too large: the limit of this lab is 1999 bytes"));
    options.limits = {};
    options.limits.entries = 1;
    EXPECT_THAT(refusal("/b"), HasSubstr("holds too many files"));
}

TEST_F(IsoImage, ThatIsBrokenIsRefused) {
    std::ofstream{root / "x.iso"} << "a tar archive this is not, and no image";
    EXPECT_THAT(refusal("/a"), StartsWith("cannot read 'http://files/x.iso' as an ISO 9660 image: "));
    write_iso(root / "x.iso", {{"a", std::string(300'000, 'a')}});
    const auto whole = read("x.iso");
    for (const auto size : {std::size_t{0}, std::size_t{32768 + 700}, std::size_t{40'000}, std::size_t{200'000}}) {
        std::ofstream{root / "x.iso", std::ios::binary} << whole.substr(0, size);
        EXPECT_THAT(refusal("/a"), StartsWith("cannot read 'http://files/x.iso'")) << size;
    }
}

TEST_F(IsoImage, IsLeftWhenTheJobStops) {
    write_iso(root / "x.iso", {{"a", "bytes"}});
    stop = true;
    EXPECT_THROW(copy({"/a"}), Stopped);
}

}  // namespace
}  // namespace patchbay::testing
