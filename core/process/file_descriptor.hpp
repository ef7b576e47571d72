// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace patchbay {

/// Owns one descriptor.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_{fd} {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~FileDescriptor() { reset(); }

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    void reset() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// Opens /dev/null as whichever of 0, 1 and 2 is closed. Otherwise the next file that a program opens gets that number,
/// and with it all that anybody prints. For the first line of a main().
inline void fill_standard_streams() {
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR);  // the lowest free number
    } while (fd >= 0 && fd <= 2);
    if (fd > 2) ::close(fd);
}

}  // namespace patchbay
