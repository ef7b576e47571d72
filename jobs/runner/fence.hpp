// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "core/ids.hpp"

namespace patchbay {

/// The right to touch one device on this host, held while the object lives. A file keeps the highest fencing number
/// that was ever seen for the device, so a runner that lost its lease cannot come back.
class FenceLock {
public:
    /// Does not wait: the supervisor starts a lease only after the one before was closed.
    /// Throws: InfrastructureError, a newer lease has the device or an older runner does not let go.
    FenceLock(const std::filesystem::path& state_dir, const std::string& device, Fence fence);
    ~FenceLock();
    FenceLock(const FenceLock&) = delete;
    FenceLock& operator=(const FenceLock&) = delete;

private:
    int file_ = -1;
};

}  // namespace patchbay
