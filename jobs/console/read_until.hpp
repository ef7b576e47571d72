// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/console/session.hpp"

namespace patchbay {

/// Logs what the console says until `end`, and keeps it for the next wait; that the stream ends before is for whoever
/// waits next.
Task<> read_until(ConsoleSession& console, Deadline end);

}  // namespace patchbay
