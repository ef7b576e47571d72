// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which device is checked next? Devices reach Good, and stay it, by jobs that the lab runs by itself
// (lava_scheduler_app/scheduler.py).
//
// A health check that is configured goes before all jobs of its device when it is due. Devices that have none are
// looked at by a smoke check, a job of a second that is built in: only while their health is Unknown or Looping, only
// when no job fits them, and one device of a type at a time. So it delays no job, and a lab of 500 machines does not
// start 500 of them when its daemon starts; a job that is Complete says as much as the check would have.

#include <optional>
#include <string>

#include "daemon/store/database.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The user whose jobs they are, as in LAVA; made with the first one.
inline constexpr auto health_user = "lava-health";

struct CheckedDevice {
    DeviceHealth health = DeviceHealth::good;
    std::optional<WallTime> last_check;  ///< when the last one was submitted
    std::int64_t jobs_since = 0;         ///< other jobs that have started since
};

/// When a configured check of such an idle device is due: a moment in the past means now. nullopt: not by time alone,
/// or never (Bad, Maintenance, Retired). Pure.
std::optional<WallTime> check_due(const CheckedDevice& device, int frequency, HealthDenominator denominator);

/// Starts the most urgent health check of the type that is due, in the caller's transaction: as claim_next() does with
/// a job. nullopt when none is due.
std::optional<LeaseRow> claim_health_check(Database& db, const std::string& device_type, WallTime now);

/// Starts a smoke check where it is the only way to learn something about a device. nullopt: nowhere.
std::optional<LeaseRow> claim_smoke_check(Database& db, const std::string& device_type, WallTime now);

/// The type whose idle devices are due first, and when; nullopt: no time brings a check.
struct NextCheck {
    std::string device_type;
    WallTime when{};
};
std::optional<NextCheck> next_check(Database& db);

}  // namespace patchbay
