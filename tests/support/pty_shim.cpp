// SPDX-License-Identifier: Apache-2.0
// Makes pseudo terminals serial ports for the real libserialport. A pty has no modem lines and no entry in
// /sys/class/tty, and the library insists on both. Linked into a test program before libc, or loaded by LD_PRELOAD
// with PATCHBAY_PTY_ROOT.
//
// Under the root: dev/NAME is the node that programs see; its mode says who may open it. sys/class/tty/NAME is its
// entry in sysfs. pty/NAME is a link to the terminal that is opened in its place. tests/support/fake_ports.hpp makes
// such trees.

#include "tests/support/pty_shim.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace {

using patchbay::testing::PtyLines;

std::string& root() {
    static std::string text = std::getenv("PATCHBAY_PTY_ROOT") ? std::getenv("PATCHBAY_PTY_ROOT") : "";
    return text;
}

std::function<void()>& on_open() {
    static std::function<void()> call;
    return call;
}
std::function<void()>& on_close() {
    static std::function<void()> call;
    return call;
}

std::mutex& lines_lock() {
    static std::mutex lock;
    return lock;
}
std::map<dev_t, PtyLines>& all_lines() {
    static std::map<dev_t, PtyLines> lines;
    return lines;
}

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// The path under the root, when the test has such a file there.
std::string below_root(const char* path, const char* prefix) {
    if (root().empty() || path == nullptr || std::strncmp(path, prefix, std::strlen(prefix)) != 0) return {};
    auto below = root() + path;
    return ::faccessat(AT_FDCWD, below.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? below : std::string{};
}

bool is_busy(const char* path) {
    struct stat status {};
    if (::stat(path, &status) != 0 || !S_ISCHR(status.st_mode)) return false;
    const std::lock_guard hold{lines_lock()};
    const auto found = all_lines().find(status.st_rdev);
    return found != all_lines().end() && found->second.busy > 0 && found->second.busy-- > 0;
}

int open_file(const char* path, int flags, mode_t mode) {
    static auto* real = next<int(const char*, int, ...)>("open");
    if (is_busy(path)) {
        errno = EBUSY;
        return -1;
    }
    const auto node = below_root(path, "/dev/tty");
    if (node.empty()) return real(path, flags, mode);
    if (on_open()) on_open()();
    struct stat status {};
    if (::stat(node.c_str(), &status) == 0 && (status.st_mode & S_IRUSR) == 0) {
        errno = EACCES;
        return -1;
    }
    return real((root() + "/pty" + (path + std::strlen("/dev"))).c_str(), flags, mode);
}

std::string sysfs(const char* path) { return below_root(path, "/sys/class/tty/"); }

bool is_wedged(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return false;
    const std::lock_guard hold{lines_lock()};
    const auto found = all_lines().find(status.st_rdev);
    return found != all_lines().end() && found->second.wedged;
}

/// What a pty cannot do. -1: not that.
int emulate(int fd, unsigned long request, void* argument) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return -1;
    const std::lock_guard hold{lines_lock()};
    auto& lines = all_lines()[status.st_rdev];
    auto* bits = static_cast<int*>(argument);
    switch (request) {
        case TIOCMGET:
            *bits = lines.set | lines.seen;
            return 0;
        case TIOCMSET:
            lines.set = *bits & (TIOCM_DTR | TIOCM_RTS);
            return 0;
        case TIOCMBIS:
            lines.set |= *bits;
            return 0;
        case TIOCMBIC:
            lines.set &= ~*bits;
            return 0;
        case TIOCSBRK:
            ++lines.breaks;
            lines.in_break = true;
            return 0;
        case TIOCCBRK:
            lines.in_break = false;
            return 0;
        default:
            return -1;
    }
}

}  // namespace

namespace patchbay::testing {

void set_pty_root(const std::string& folder) { root() = folder; }

PtyLines lines_of(const std::string& terminal) {
    struct stat status {};
    if (::stat(terminal.c_str(), &status) != 0) return {};
    const std::lock_guard hold{lines_lock()};
    return all_lines()[status.st_rdev];
}

void set_lines(const std::string& terminal, int seen) {
    struct stat status {};
    if (::stat(terminal.c_str(), &status) != 0) return;
    const std::lock_guard hold{lines_lock()};
    all_lines()[status.st_rdev] = {.set = TIOCM_DTR | TIOCM_RTS, .seen = seen};
}

void set_on_open(std::function<void()> call) { on_open() = std::move(call); }
void set_on_close(std::function<void()> call) { on_close() = std::move(call); }

void set_busy(const std::string& terminal, int times) {
    struct stat status {};
    if (::stat(terminal.c_str(), &status) != 0) return;
    const std::lock_guard hold{lines_lock()};
    all_lines()[status.st_rdev].busy = times;
}

void set_wedged(const std::string& terminal, bool wedged) {
    struct stat status {};
    if (::stat(terminal.c_str(), &status) != 0) return;
    const std::lock_guard hold{lines_lock()};
    all_lines()[status.st_rdev].wedged = wedged;
}

}  // namespace patchbay::testing

extern "C" {

int open(const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_file(path, flags, mode);
}

int __open_2(const char* path, int flags) { return open_file(path, flags, 0); }

int __lxstat(int version, const char* path, struct stat* status) noexcept {
    static auto* real = next<int(int, const char*, struct stat*)>("__lxstat");
    const auto entry = sysfs(path);
    return real(version, entry.empty() ? path : entry.c_str(), status);
}

ssize_t readlink(const char* path, char* buffer, size_t size) noexcept {
    static auto* real = next<ssize_t(const char*, char*, size_t)>("readlink");
    const auto entry = sysfs(path);
    return real(entry.empty() ? path : entry.c_str(), buffer, size);
}

FILE* fopen(const char* path, const char* mode) {
    static auto* real = next<FILE*(const char*, const char*)>("fopen");
    const auto entry = sysfs(path);
    return real(entry.empty() ? path : entry.c_str(), mode);
}

int tcdrain(int fd) {
    static auto* real = next<int(int)>("tcdrain");
    while (is_wedged(fd)) ::usleep(10'000);
    return real(fd);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
    static auto* real = next<int(int, unsigned long, ...)>("ioctl");
    std::va_list rest;
    va_start(rest, request);
    void* argument = va_arg(rest, void*);
    va_end(rest);
    // Kernels either refuse a break for a pty, or take it and do nothing.
    if (!root().empty() && (request == TIOCSBRK || request == TIOCCBRK)) return emulate(fd, request, argument);
    if (request == TIOCNXCL && on_close()) on_close()();
    if (request == TIOCOUTQ && is_wedged(fd)) {
        *static_cast<int*>(argument) = 1;
        return 0;
    }
    const int result = real(fd, request, argument);
    if (result >= 0 || (errno != ENOTTY && errno != EINVAL)) return result;
    const int error = errno;
    if (emulate(fd, request, argument) == 0) return 0;
    errno = error;
    return result;
}

}  // extern "C"
