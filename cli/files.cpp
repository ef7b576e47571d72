// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/exit.hpp"

namespace patchbay::cli {
namespace {

constexpr std::size_t limit = 16 * 1024 * 1024;

struct Close {
    void operator()(std::FILE* file) const {
        if (file != stdin) std::fclose(file);
    }
};

}  // namespace

std::string read_text(const std::string& path) {
    const std::unique_ptr<std::FILE, Close> file{path == "-" ? stdin : std::fopen(path.c_str(), "re")};
    if (!file) throw UserError{path + ": cannot be read: " + std::strerror(errno)};
    std::string out;
    char buffer[65536];
    while (const auto got = std::fread(buffer, 1, sizeof buffer, file.get())) {
        out.append(buffer, got);
        if (out.size() > limit) throw UserError{path + ": larger than 16 MiB, which is the most a server takes"};
    }
    if (std::ferror(file.get())) throw UserError{path + ": cannot be read: " + std::strerror(errno)};
    return out;
}

}  // namespace patchbay::cli
