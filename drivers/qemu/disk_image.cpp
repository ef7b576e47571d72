// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/disk_image.hpp"

#include <array>
#include <cstdint>
#include <fstream>

#include "core/errors.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + size; ++i) {
        value = value << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    return value;
}

// qcow2 (QEMU's docs/interop/qcow2.txt): bytes 8-15 are the place of the backing file's name, bit 2 of the incompatible
// features at 72-79 says that the data is in another file.
std::string qcow2_refusal(std::string_view header) {
    if (big_endian(header, 8, 8) != 0) return "is a qcow2 image with a backing file";
    const bool external = big_endian(header, 4, 4) >= 3 && (big_endian(header, 72, 8) & 4U) != 0;
    return external ? "is a qcow2 image whose data is in another file" : std::string{};
}

/// The file part of a word: from the folder's path to the next comma.
std::vector<fs::path> named_files(const std::string& word, const std::string& folder) {
    std::vector<fs::path> files;
    for (auto at = word.find(folder); at != std::string::npos; at = word.find(folder, at + folder.size())) {
        std::string name;
        for (auto i = at; i < word.size(); ++i) {
            if (word[i] == ',' && (i + 1 >= word.size() || word[i + 1] != ',')) break;
            if (word[i] == ',') ++i;
            name += word[i];
        }
        files.emplace_back(name);
    }
    return files;
}

}  // namespace

std::string image_refusal(std::string_view header) {
    using namespace std::string_view_literals;
    if (header.starts_with("QFI\xfb"sv)) return qcow2_refusal(header);
    if (header.starts_with("KDMV"sv) || header.starts_with("COWD"sv) || header.starts_with("# Disk Descriptor"sv)) {
        return "is a vmdk image, which names further files";
    }
    if (header.starts_with("QED\0"sv)) return "is a qed image, which may name a backing file";
    if (header.starts_with("vhdxfile"sv)) return "is a vhdx image, which may name a parent";
    return {};
}

void check_disk_images(const std::vector<std::string>& words, const fs::path& folder) {
    if (folder.empty()) return;
    for (const auto& word : words) {
        for (const auto& file : named_files(word, folder.string())) {
            std::error_code error;
            if (!fs::is_regular_file(file, error)) continue;
            std::ifstream stream{file, std::ios::binary};
            std::array<char, 128> header{};
            stream.read(header.data(), header.size());
            const auto reason =
                image_refusal(std::string_view{header.data(), static_cast<std::size_t>(stream.gcount())});
            if (reason.empty()) continue;
            throw JobError{
                "the job's image " + file.filename().string() + " " + reason +
                "; QEMU would open that on the lab's machine. Flatten the image (qemu-img convert), or ask the "
                "lab's owner for 'trusted_jobs: true'"};
        }
    }
}

}  // namespace patchbay
