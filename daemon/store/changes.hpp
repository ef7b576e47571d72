// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a write changed about jobs, devices and workers: noted by the database itself, in the same transaction, so that
// no place that changes a state can forget it. Notes live in memory; a write that is rolled back leaves none.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

/// A new job, or another state or health of one. As it was then: later writes do not show.
struct JobNews {
    JobId job;
    JobState state = JobState::submitted;
    JobHealth health = JobHealth::unknown;
    int priority = 50;
    std::optional<std::string> device;
    std::optional<WallTime> start_time, end_time;
    bool operator==(const JobNews&) const = default;
};

/// Another state or health of a device; one for each write.
struct DeviceNews {
    std::string device;
    DeviceState state = DeviceState::idle;
    DeviceHealth health = DeviceHealth::good;
    /// Whose it is, or was until now. LAVA names none when it becomes Reserved.
    std::optional<JobId> job;
    bool operator==(const DeviceNews&) const = default;
};

/// Another health or state of a worker.
struct WorkerNews {
    std::string worker;
    WorkerHealth health = WorkerHealth::active;
    WorkerState state = WorkerState::online;
    bool operator==(const WorkerNews&) const = default;
};

/// What a job said to whoever listens (lava-test-event).
struct JobMessage {
    JobId job;
    std::string text;
    bool operator==(const JobMessage&) const = default;
};

using Change = std::variant<JobNews, DeviceNews, WorkerNews, JobMessage>;

/// From here on the connection notes changes. Once, when the schema is up to date.
void note_changes(Database& db);
/// Inside a write.
void note_message(Database& db, JobId job, std::string_view text);
/// Those since the last call, in the order in which they were made.
std::vector<Change> take_changes(Database& db);

/// What else an event says about a job; it does not change, but for the device.
struct ToldJob {
    std::string description;
    std::string submitter;  ///< user name
    std::string sub_id;     ///< of a part of a multinode job; empty: of another
    bool health_check = false;
    WallTime submit_time{};
    JobSight sight;
};
std::optional<ToldJob> told_job(Database& db, JobId job);

/// And about a device.
struct ToldDevice {
    std::string device_type;
    std::string worker;
};
std::optional<ToldDevice> told_device(Database& db, const std::string& hostname);

}  // namespace patchbay
