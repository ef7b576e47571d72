// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace patchbay {

/// Held by the daemon that serves a store; the kernel gives it back however the process ends.
class StoreLock {
public:
    /// Locks `<store>.lock`. Throws: ConfigurationError naming the pid of the daemon that has it.
    explicit StoreLock(const std::filesystem::path& store);
    ~StoreLock();
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

private:
    int file_ = -1;
};

}  // namespace patchbay
