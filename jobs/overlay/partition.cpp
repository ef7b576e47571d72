// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <fstream>
#include <string>

#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

constexpr std::uint64_t sector = 512;

std::uint64_t little(const unsigned char* bytes, unsigned count) {
    std::uint64_t value = 0;
    for (unsigned i = count; i-- > 0;) value = value << 8U | bytes[i];
    return value;
}

template <std::size_t N>
bool read_at(std::ifstream& file, std::uint64_t at, std::array<unsigned char, N>& into) {
    file.seekg(static_cast<std::streamoff>(at));
    return static_cast<bool>(file.read(reinterpret_cast<char*>(into.data()), N));
}

}  // namespace

std::uint64_t partition_offset(const std::filesystem::path& image, unsigned index) {
    const auto fail = [&](const std::string& why) -> std::uint64_t {
        throw JobError{"partition " + std::to_string(index) + " of '" + image.filename().string() + "': " + why};
    };
    std::ifstream file{image, std::ios::binary};
    std::array<unsigned char, sector> table{};
    if (!read_at(file, 0, table) || table[510] != 0x55 || table[511] != 0xAA) return fail("it is no partitioned disk");
    constexpr std::size_t first_entry = 446;
    if (table[first_entry + 4] != 0xEE) {
        if (index >= 4) return fail("only the four primary partitions of such a disk can be used");
        const auto* entry = &table[first_entry + 16 * std::size_t{index}];
        if (entry[4] == 0) return fail("there is none");
        return little(entry + 8, 4) * sector;
    }
    std::array<unsigned char, sector> header{};
    if (!read_at(file, sector, header) || std::memcmp(header.data(), "EFI PART", 8) != 0)
        return fail("its GPT is broken");
    const auto entries_at = little(&header[72], 8);
    const auto count = little(&header[80], 4);
    const auto entry_size = little(&header[84], 4);
    if (index >= count || entry_size < 128 || entry_size > 4096) return fail("there is none");
    std::array<unsigned char, 128> entry{};
    if (!read_at(file, entries_at * sector + index * entry_size, entry)) return fail("its GPT is cut off");
    if (little(entry.data(), 8) == 0 && little(&entry[8], 8) == 0) return fail("there is none");
    return little(&entry[32], 8) * sector;
}

}  // namespace patchbay
