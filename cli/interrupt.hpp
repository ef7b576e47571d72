// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ctrl-C while something is waited for.

#include <chrono>

namespace patchbay::cli {

/// While one exists, the first Ctrl-C (SIGINT) only sets a flag; the next one ends the program as usual.
class InterruptGuard {
public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
};

bool interrupted();

/// Waits; shorter when Ctrl-C comes. Throws: Interrupted.
void pause_for(std::chrono::milliseconds time);

}  // namespace patchbay::cli
