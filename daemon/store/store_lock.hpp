// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace patchbay {

/// Held by the daemon that serves a store or a state directory; the kernel gives it back however the process ends.
class StoreLock {
public:
    /// Locks `file`. `what`: the thing that it stands for, as an operator calls it.
    /// Throws: ConfigurationError naming the pid of the daemon that has it.
    StoreLock(const std::filesystem::path& file, const std::string& what);
    ~StoreLock();
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

private:
    int file_ = -1;
};

/// The process that holds the lock `file`; nullopt: nobody does.
std::optional<pid_t> lock_owner(const std::filesystem::path& file);

/// Tells the daemon that a command has changed its store. Whoever does not know it, a daemon that is starting or an
/// older one, ignores it, as the kernel does by itself; and the kernel sends it to nobody who has not asked for it.
inline constexpr int store_changed_signal = SIGURG;

}  // namespace patchbay
