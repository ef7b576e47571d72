// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.hpp"
#include "core/task.hpp"

namespace patchbay {

class Store;
class Scheduler;

/// A worker asks every 20 s; after three times it is taken for gone, as in LAVA.
inline constexpr WallTime::duration worker_patience = std::chrono::seconds{60};

/// Remote workers that do not ask any more become Offline: their devices take no jobs, and those they were not told of
/// wait in the queue again. What they run goes on. Until cancelled; spawned once by main().
Task<> watch_workers(Store& store, Scheduler& scheduler);

}  // namespace patchbay
