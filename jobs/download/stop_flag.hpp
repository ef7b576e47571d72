// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace patchbay {

/// Set from another thread to stop the work soon.
using StopFlag = std::atomic<bool>;

/// The work ended because its StopFlag was set.
struct Stopped {};

}  // namespace patchbay
