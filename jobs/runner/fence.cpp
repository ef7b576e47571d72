// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/fence.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "jobs/journal/fence_file.hpp"

namespace patchbay {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
    throw InfrastructureError{what + " " + path.string() + ": " + std::strerror(errno)};
}

}  // namespace

FenceLock::FenceLock(const std::filesystem::path& state_dir, const std::string& device, Fence fence) {
    const auto path = fence_file(state_dir, device);
    const auto folder = path.parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw InfrastructureError{"cannot make the folder " + folder.string() + ": " + error.message()};
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) fail("cannot open", path);
    try {
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
            throw InfrastructureError{"device " + device + " is in use by another runner (" + path.string() +
                                      " is locked); wait for its job to end or stop that process"};
        }
        const auto seen = seen_fence(path);
        if (seen > fence) {
            throw InfrastructureError{"the lease of device " + device + " has passed on: fencing number " +
                                      std::to_string(fence.value) + " is lower than " + std::to_string(seen.value)};
        }
        if (seen == fence) return;  // a full disk does not keep a device from its safe state
        const auto text = std::to_string(fence.value) + "\n";
        // Cut behind the new number, never before: a write that fails leaves the old one.
        const auto size = static_cast<ssize_t>(text.size());
        if (::pwrite(file_, text.data(), text.size(), 0) != size || ::ftruncate(file_, size) != 0 ||
            ::fdatasync(file_) != 0) {
            fail("cannot write", path);
        }
    } catch (...) {
        ::close(file_);
        throw;
    }
}

FenceLock::~FenceLock() { ::close(file_); }

}  // namespace patchbay
