// SPDX-License-Identifier: Apache-2.0
#include "core/whole_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "core/errors.hpp"

namespace patchbay {

namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

// Not by streams: their iterators throw the library's own words when reading fails, the rest does not say why.
std::string read_whole_file(const std::filesystem::path& path, std::size_t limit) {
    const auto fail = [&path] {
        throw InfrastructureError{"cannot read " + path.string() + ": " + std::strerror(errno)};
    };
    const std::unique_ptr<std::FILE, Close> file{std::fopen(path.c_str(), "re")};
    if (!file) fail();
    std::string text;
    std::array<char, 65536> piece;
    while (const auto got = std::fread(piece.data(), 1, piece.size(), file.get())) {
        text.append(piece.data(), got);
        if (text.size() > limit) {
            throw InfrastructureError{path.string() + " is larger than " + std::to_string(limit) +
                                      " bytes, which is the limit"};
        }
    }
    if (std::ferror(file.get())) fail();
    return text;
}

void write_whole_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (!file)
        throw InfrastructureError{"cannot write " + path.string() + ": " + std::strerror(errno) +
                                  "; check the space and the rights of its folder"};
}

}  // namespace patchbay
