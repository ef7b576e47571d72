// SPDX-License-Identifier: Apache-2.0
// A tar archive ends with two blocks of zeros; what is added takes their place, so nothing is unpacked.
#include <array>
#include <cstring>
#include <fstream>

#include "core/errors.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "jobs/overlay/tar_bytes.hpp"

namespace patchbay {
namespace {

constexpr std::uint64_t block = 512;
using Block = std::array<unsigned char, block>;

/// Octal text, or GNU's base-256 form for sizes of 8 GiB and more.
std::uint64_t field_number(const unsigned char* field, std::size_t width) {
    std::uint64_t value = 0;
    if (field[0] & 0x80U) {
        for (std::size_t i = width - 8; i < width; ++i) value = value << 8U | field[i];
        return value;
    }
    for (std::size_t i = 0; i < width && field[i] != 0; ++i) {
        if (field[i] >= '0' && field[i] <= '7') value = value * 8 + (field[i] - '0');
    }
    return value;
}

bool has_good_checksum(const Block& header) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < block; ++i) sum += i >= 148 && i < 156 ? ' ' : header[i];
    return sum == field_number(&header[148], 8);
}

std::string cut_off(const std::filesystem::path& name) {
    return "the tar archive '" + name.filename().string() + "' is cut off, so no overlay can be added to it";
}

std::uint64_t end_of_entries(std::istream& file, std::uint64_t size, const std::filesystem::path& name,
                             const StopFlag& stop) {
    std::uint64_t at = 0;
    for (Block header{}; at + block <= size;) {
        if (stop) throw Stopped{};
        file.seekg(static_cast<std::streamoff>(at));
        if (!file.read(reinterpret_cast<char*>(header.data()), block)) break;
        if (header == Block{}) return at;
        if (!has_good_checksum(header)) {
            throw JobError{"'" + name.filename().string() + "' is no tar archive, so no overlay can be added to it"};
        }
        const auto body = field_number(&header[124], 12);
        if (body > size) throw JobError{cut_off(name)};
        at += block + (body + block - 1) / block * block;
    }
    if (at > size) throw JobError{cut_off(name)};
    return at;
}

}  // namespace

void append_to_tar(const std::filesystem::path& tar, const OverlayTree& tree, const StopFlag& stop) {
    make_private(tar, stop);
    const auto size = std::filesystem::file_size(tar);
    std::fstream file{tar, std::ios::binary | std::ios::in | std::ios::out};
    if (!file) throw InfrastructureError{"cannot open '" + tar.string() + "' to add the overlay"};
    const auto end = end_of_entries(file, size, tar, stop);
    file.clear();
    file.seekp(static_cast<std::streamoff>(end));
    const auto sink = [&file](std::string_view bytes) {
        return static_cast<bool>(file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
    };
    write_tar(tree, false, sink, stop);
    if (!file.flush()) throw InfrastructureError{"cannot write '" + tar.string() + "': is the disk full?"};
    const auto written = static_cast<std::uint64_t>(file.tellp());
    file.close();
    if (written < size) std::filesystem::resize_file(tar, written);
}

}  // namespace patchbay
