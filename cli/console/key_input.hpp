// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is typed, as long as there is somebody who types.

#include <poll.h>

#include <string>

namespace patchbay::cli {

class KeyInput {
public:
    explicit KeyInput(int descriptor) : descriptor_{descriptor} {}

    /// For poll(); of one that has ended it waits for nothing.
    pollfd waiting() const { return {descriptor_, POLLIN, 0}; }
    /// What poll() has found out about waiting(). "": nothing; it may have ended (its end, an error, a descriptor that
    /// is closed).
    std::string take(short events);
    bool ended() const { return descriptor_ < 0; }

private:
    int descriptor_;
};

}  // namespace patchbay::cli
