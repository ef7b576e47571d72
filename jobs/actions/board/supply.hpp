// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/task.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {

struct JobContext;

/// Switches the supply of a job's device off. Where that cannot be read back, a console of the board that is open must
/// fall silent, which takes three seconds more.
/// Throws: as Power::off(); InfrastructureError, the board still speaks: JobContext::power_off_failed is set then.
Task<> open_supply(JobContext& job, Power& power);

}  // namespace patchbay
