// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "jobs/download/cache.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& from, const fs::path& to) {
    throw InfrastructureError{"cannot copy '" + from.string() + "' to '" + to.string() + "': " + disk_problem(errno)};
}

/// False when the file systems cannot do it for us.
bool copy_in_kernel(int from, int to, const StopFlag& stop) {
    if (::ioctl(to, FICLONE, from) == 0) return true;
    constexpr auto piece = std::size_t{64} << 20;  // less than a second of any disk
    for (;;) {
        if (stop) throw Stopped{};
        const auto n = ::copy_file_range(from, nullptr, to, nullptr, piece, 0);
        if (n == 0) return true;
        if (n < 0 && errno != EINTR) return false;
    }
}

bool copy_by_hand(int from, int to, const StopFlag& stop) {
    if (::lseek(from, 0, SEEK_SET) != 0 || ::lseek(to, 0, SEEK_SET) != 0 || ::ftruncate(to, 0) != 0) return false;
    std::array<char, 128 * 1024> buffer;
    for (;;) {
        if (stop) throw Stopped{};
        const auto n = ::read(from, buffer.data(), buffer.size());
        if (n == 0) return true;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (!write_all(to, {buffer.data(), static_cast<std::size_t>(n)})) return false;
    }
}

}  // namespace

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string disk_problem(int error) {
    std::string text = std::strerror(error);
    if (error == ENOSPC || error == EDQUOT) text += "; " + std::string{free_space_hint};
    return text;
}

void copy_bytes(const fs::path& from, const fs::path& to, const StopFlag& stop) {
    const FileDescriptor source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    if (source.get() < 0) fail(from, to);
    // What is there may be a hard link to bytes of others: never written through.
    ::unlink(to.c_str());
    const FileDescriptor target{::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
    if (target.get() < 0) fail(from, to);
    try {
        const bool copied =
            copy_in_kernel(source.get(), target.get(), stop) || copy_by_hand(source.get(), target.get(), stop);
        if (!copied) fail(from, to);
    } catch (...) {
        ::unlink(to.c_str());
        throw;
    }
}

void make_private(const fs::path& path, const StopFlag& stop) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        throw InfrastructureError{"cannot open '" + path.string() + "': " + std::strerror(errno)};
    }
    if (status.st_nlink == 1) return;
    const auto copy = fs::path{path.string() + ".private"};
    copy_bytes(path, copy, stop);
    std::error_code error;
    fs::rename(copy, path, error);
    if (error) throw InfrastructureError{"cannot replace '" + path.string() + "': " + error.message()};
}

}  // namespace patchbay
