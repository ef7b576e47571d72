// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/store_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>

#include "core/errors.hpp"

namespace patchbay {

StoreLock::StoreLock(const std::filesystem::path& file, const std::string& what) {
    file_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (file_ < 0)
        throw ConfigurationError{"lock " + file.string() + ": " + std::strerror(errno) +
                                 "; check that the state directory is writable"};
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        char text[32] = {};
        const auto size = ::pread(file_, text, sizeof text - 1, 0);
        ::close(file_);
        const std::string pid = size > 0 ? std::string{text, std::strcspn(text, "\n")} : "unknown";
        throw ConfigurationError{what + ": served by another patchbayd (pid " + pid +
                                 "); stop that one, or give this one another --state directory"};
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, pid.data(), pid.size(), 0) < 0) {
        // The pid is for people; the lock itself holds without it.
    }
}

StoreLock::~StoreLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace patchbay
