// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waits for what another process does; the only place of the tests that waits for real time.

#include <chrono>
#include <thread>

namespace patchbay {

/// Asks again and again until `holds()`, at most `limit`; returns what it said last.
template <class Condition>
bool eventually(Condition holds, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace patchbay
