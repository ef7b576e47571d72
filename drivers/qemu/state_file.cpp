// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/state_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <vector>

#include "core/deadline.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_lines = 64;

std::vector<std::string> read_lines(const fs::path& file) {
    std::vector<std::string> lines;
    std::ifstream stream{file};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

}  // namespace

StateFile::StateFile(const fs::path& folder, const std::string& name)
    : file_{folder.empty() ? fs::path{} : folder / name} {}

std::optional<std::string> StateFile::get(const std::string& key) const {
    for (const auto& line : read_lines(file_)) {
        if (line.starts_with(key + "\t")) return line.substr(key.size() + 1);
    }
    return std::nullopt;
}

void StateFile::put(const std::string& key, const std::string& value) const {
    if (file_.empty()) return;
    auto lines = read_lines(file_);
    std::erase_if(lines, [&key](const std::string& line) { return line.starts_with(key + "\t"); });
    lines.push_back(key + "\t" + value);
    if (lines.size() > most_lines) lines.erase(lines.begin(), lines.end() - most_lines);
    auto next = file_;
    next += "." + std::to_string(::getpid());
    {
        std::ofstream stream{next, std::ios::trunc};
        for (const auto& line : lines) stream << line << '\n';
        if (!stream.flush()) return;
    }
    std::error_code ignored;
    fs::rename(next, file_, ignored);
}

Task<FileDescriptor> StateFile::lock() const {
    if (file_.empty()) co_return FileDescriptor{};
    auto name = file_;
    name += ".lock";
    FileDescriptor file{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
    while (file && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) break;
        co_await sleep_for(20ms);
    }
    co_return file;
}

fs::path StateFile::folder_or_default(const fs::path& folder) {
    auto chosen = folder;
    if (chosen.empty()) {
        const char* cache = ::getenv("XDG_CACHE_HOME");
        const char* home = ::getenv("HOME");
        if (cache != nullptr && *cache != '\0') {
            chosen = fs::path{cache} / "patchbay";
        } else if (home != nullptr && *home != '\0') {
            chosen = fs::path{home} / ".cache" / "patchbay";
        }
    }
    std::error_code ignored;
    if (!chosen.empty()) fs::create_directories(chosen, ignored);
    return chosen;
}

std::string file_identity(const fs::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return {};
    return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_rdev) + ":" +
           std::to_string(info.st_size) + ":" + std::to_string(info.st_mtim.tv_sec);
}

}  // namespace patchbay
