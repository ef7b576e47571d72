// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/store_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/errors.hpp"

namespace patchbay {

namespace {

using namespace std::chrono_literals;

// A process that its daemon was starting when that one was killed holds a copy of the lock until it has become the
// other program; on a busy machine that takes a while.
constexpr auto patience = 10s;
constexpr auto look_interval = 10ms;

/// 0: nobody wrote one.
pid_t read_pid(int file) {
    char text[32] = {};
    pid_t pid = 0;
    if (const auto size = ::pread(file, text, sizeof text, 0); size > 0) std::from_chars(text, text + size, pid);
    return pid;
}

bool runs(pid_t pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

}  // namespace

StoreLock::StoreLock(const std::filesystem::path& file, const std::string& what) {
    file_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (file_ < 0)
        throw ConfigurationError{"lock " + file.string() + ": " + std::strerror(errno) +
                                 "; check that the state directory is writable"};
    const auto end = std::chrono::steady_clock::now() + patience;
    while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const auto owner = read_pid(file_);
        if (!runs(owner) && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(look_interval);
            continue;
        }
        ::close(file_);
        throw ConfigurationError{what + ": served by another patchbayd (pid " +
                                 (owner > 0 ? std::to_string(owner) : "unknown") +
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

std::optional<pid_t> lock_owner(const std::filesystem::path& file) {
    const int lock = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock < 0) return std::nullopt;
    const bool held = ::flock(lock, LOCK_SH | LOCK_NB) != 0;
    const auto owner = read_pid(lock);
    ::close(lock);
    if (!held || !runs(owner)) return std::nullopt;
    return owner;
}

}  // namespace patchbay
