// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/disk_image.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/errors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

std::string qcow2(char version, char backing, char features) {
    std::string header = "QFI\xfb"s + std::string(3, '\0') + version + std::string(7, '\0') + backing;
    header.resize(79, '\0');
    return header + features;
}

TEST(DiskImage, OneThatPointsToOtherFilesIsRefused) {
    EXPECT_EQ(image_refusal(""), "");
    EXPECT_EQ(image_refusal("\x7f"
                            "ELF"),
              "");
    EXPECT_EQ(image_refusal(qcow2(3, 0, 0)), "");
    EXPECT_EQ(image_refusal(qcow2(3, 0, 1)), "");  // dirty
    EXPECT_NE(image_refusal(qcow2(2, 104, 0)), "");
    EXPECT_NE(image_refusal(qcow2(3, 0, 4)), "");
    EXPECT_EQ(image_refusal(qcow2(2, 0, 4)), "");  // version 2 has no features there
    for (const auto& header : {"KDMV"s, "COWD"s, "# Disk DescriptorFile\n"s, "QED\0"s, "vhdxfile"s}) {
        EXPECT_NE(image_refusal(header), "") << header;
    }
    for (std::size_t size = 0; size < 80; ++size) image_refusal(qcow2(3, 104, 4).substr(0, size));
}

TEST(DiskImage, IsFoundWhereverAnArgumentNamesIt) {
    const testing::TemporaryFolder temporary;
    const auto& folder = temporary.path;
    std::ofstream{folder / "good.img"} << "ordinary";
    std::ofstream{folder / "bad,1.img"} << qcow2(3, 104, 0);
    const auto good = (folder / "good.img").string(), bad = folder.string() + "/bad,,1.img";
    EXPECT_NO_THROW(
        check_disk_images({"-drive", "format=raw,file=" + good + ",if=virtio", "-hdb", folder / "none"}, folder));
    EXPECT_THROW(check_disk_images({"-drive", "format=raw,file=" + good + ",x=" + bad + ",if=ide"}, folder), JobError);
}

}  // namespace
}  // namespace patchbay
