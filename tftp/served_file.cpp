// SPDX-License-Identifier: Apache-2.0
#include "tftp/served_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "core/process/beneath.hpp"

namespace patchbay::tftp {
namespace {

// One call of the kernel for 44 blocks of 1468 bytes.
constexpr std::size_t usual_piece = 64 * 1024;
// What the kernel is told to read on while a piece is sent: a disk then works in large reads.
constexpr off_t read_on = 2 * 1024 * 1024;

ErrorCode code_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
        case ENAMETOOLONG:
            return ErrorCode::file_not_found;
        case EACCES:
        case EPERM:
        case EXDEV:
        case ELOOP:
            return ErrorCode::access_violation;
        default:
            return ErrorCode::undefined;
    }
}

/// Boot loaders print these, and LAVA's templates know a failed transfer by them: of U-Boot by "File not found", of
/// depthcharge by "Error code 1 (words and blanks)".
std::string text_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return "File not found below the root of the server";
        case ENAMETOOLONG:
            return "File not found because its name is too long";
        case EACCES:
            return "the server may not read the file because its mode does not let others read it";
        case EXDEV:
            return "the path leads out of the root of the server";
        case ELOOP:
            return "the path leads over a symbolic link which the server does not follow";
        default:
            return std::string{"the file cannot be opened: "} + std::strerror(error);
    }
}

}  // namespace

FileDescriptor open_root(const std::string& folder) {
    FileDescriptor root{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root) {
        throw ConfigurationError{"root '" + folder + "': " + std::strerror(errno) +
                                 "; give the folder that clients fetch from"};
    }
    return root;
}

ServedFile::ServedFile(int root, const std::string& name) {
    // A named pipe would be waited for without O_NONBLOCK; what is no regular file is refused below.
    file_ = open_beneath(root, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, Links::refused);
    if (!file_) throw Refused{code_of(errno), text_of(errno)};
    if (::fstat(file_.get(), &before_) != 0 || !S_ISREG(before_.st_mode))
        throw Refused{ErrorCode::access_violation, "the path names no regular file"};
}

void ServedFile::require_unchanged() const {
    struct stat now {};
    if (::fstat(file_.get(), &now) != 0)
        throw Refused{ErrorCode::undefined, std::string{"the file cannot be looked at: "} + std::strerror(errno)};
    if (now.st_nlink == 0)
        throw Refused{ErrorCode::undefined, "the file was removed or replaced while it was sent; ask again"};
    if (now.st_size != before_.st_size || now.st_mtim.tv_sec != before_.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != before_.st_mtim.tv_nsec) {
        throw Refused{ErrorCode::undefined, "the file changed while it was sent; ask again"};
    }
}

std::string ServedFile::read(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    std::size_t have = 0;
    while (have < length) {
        const auto count = ::pread(file_.get(), bytes.data() + have, length - have, static_cast<off_t>(offset + have));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            throw Refused{ErrorCode::undefined, std::string{"the file cannot be read: "} + std::strerror(errno)};
        if (count == 0) throw Refused{ErrorCode::undefined, "the file became shorter while it was sent; ask again"};
        have += static_cast<std::size_t>(count);
    }
    require_unchanged();
    ::posix_fadvise(file_.get(), static_cast<off_t>(offset + length), read_on, POSIX_FADV_WILLNEED);
    return bytes;
}

FileWindow::FileWindow(const ServedFile& file, std::size_t block_size)
    : file_{file}, piece_size_{std::max<std::size_t>(usual_piece / block_size, 1) * block_size} {}

std::string_view FileWindow::bytes(std::uint64_t offset, std::size_t length) {
    if (length == 0) return {};  // the empty block at the end
    const auto begin = offset - offset % piece_size_;
    auto piece = pieces_.find(begin);
    if (piece == pieces_.end()) {
        const auto size = static_cast<std::size_t>(std::min(piece_size_, file_.size() - begin));
        piece = pieces_.emplace(begin, file_.read(begin, size)).first;
    }
    return std::string_view{piece->second}.substr(static_cast<std::size_t>(offset - begin), length);
}

void FileWindow::drop_before(std::uint64_t offset) {
    // The piece that holds `offset` begins before it.
    auto first_needed = pieces_.upper_bound(offset);
    if (first_needed != pieces_.begin()) --first_needed;
    pieces_.erase(pieces_.begin(), first_needed);
}

}  // namespace patchbay::tftp
