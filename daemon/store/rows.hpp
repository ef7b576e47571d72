// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the store keeps, as plain structs. Times are UTC; numbers of enumerators are lava_scheduler_app/models.py's.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"

namespace patchbay {

enum class JobState { submitted = 0, scheduling = 1, scheduled = 2, running = 3, canceling = 4, finished = 5 };
enum class JobHealth { unknown = 0, complete = 1, incomplete = 2, canceled = 3 };
enum class DeviceState { idle = 0, reserved = 1, running = 2 };
enum class DeviceHealth { good = 0, unknown = 1, looping = 2, bad = 3, maintenance = 4, retired = 5 };
enum class WorkerState { online = 0, offline = 1 };
enum class WorkerHealth { active = 0, maintenance = 1, retired = 2 };
/// What a device type's health_frequency counts.
enum class HealthDenominator { hours = 0, jobs = 1 };
enum class CaseResult { pass = 0, fail = 1, skip = 2, unknown = 3 };

/// LAVA's display names: "Submitted", "Good", "pass", ...
std::string_view to_string(JobState);
std::string_view to_string(JobHealth);
std::string_view to_string(DeviceState);
std::string_view to_string(DeviceHealth);
std::string_view to_string(WorkerState);
std::string_view to_string(WorkerHealth);
std::string_view to_string(CaseResult);
/// "hours", "jobs"
std::string_view to_string(HealthDenominator);

enum class Visibility {
    everyone,  ///< who may see the device, or while there is none the device type
    personal,  ///< its submitter; is stored as the group that has the submitter's name (LAVA's dbutils.py)
    groups,
};

struct JobRow {
    JobId id;
    std::string submitter;  ///< user name
    std::string description;
    bool health_check = false;
    std::optional<std::string> requested_device_type;
    std::vector<TagId> tags;
    std::optional<std::string> actual_device;
    WallTime submit_time{};
    std::optional<WallTime> start_time, end_time;
    JobState state = JobState::submitted;
    JobHealth health = JobHealth::unknown;
    int priority = 50;
    Visibility visibility = Visibility::everyone;
    std::vector<GroupId> viewing_groups;  ///< with Visibility::groups: who is in all of them sees it
    std::string definition;               ///< parsed and dumped again, keys sorted (LAVA 2023.01)
    std::string original_definition;      ///< as submitted
    std::string metadata;                 ///< JSON object, scalars as strings
    std::optional<std::string> failure_comment;
    std::optional<std::chrono::seconds> queue_timeout;
    std::optional<WallTime> queue_expires;          ///< when it leaves the queue, if it is there then
    std::optional<std::chrono::seconds> run_limit;  ///< `timeouts.job`
    std::string cancel_reason;                      ///< who asked; empty unless canceling or canceled
    std::optional<WallTime> log_removed;            ///< it had become older than the lab keeps logs
    std::string requested_device;                   ///< the one that it wants; empty: any of its type
    // Of the parts of a multinode job; empty for others.
    std::string sub_id;                ///< "6.1"
    std::string target_group;          ///< a UUID
    std::string multinode_definition;  ///< the whole job as submitted

    /// What clients call it: the sub id of a part, else the number.
    std::string display_id() const { return sub_id.empty() ? std::to_string(id.value) : sub_id; }
};

/// The texts of a job as people read them who may not see its secrets (jobs/definition/masking.hpp). nullopt: there are
/// no secrets in that text.
struct MaskedTexts {
    std::optional<std::string> definition, original_definition, multinode_definition;
};

/// One attempt of one job on one device.
struct LeaseRow {
    LeaseId id;
    JobId job;
    std::string device;
    Fence fence;
    int attempt = 1;
    std::string folder;           ///< absolute path of the lease's folder
    std::int64_t runner_pid = 0;  ///< 0: not started yet
    std::int64_t runner_start =
        0;  ///< start time of that pid from /proc/<pid>/stat: the same pid again is another process
    std::int64_t journal_offset = 0;
    enum class Phase { starting = 0, running = 1, making_safe = 2, closed = 3 } phase = Phase::starting;
    std::string stop_reason;  ///< it shall stop for others; empty: it shall not
    bool requeue = false;     ///< and the job is queued again then
    std::string worker;       ///< the remote worker that runs it; empty: this machine does
    /// Of a remote worker: journal_offset counts lines of its log, and this is the number that its first one has in the
    /// log of the job. Negative when lines before those that came are missing.
    std::int64_t first_line = 0;
    WallTime started{};
    std::optional<WallTime> ended;
};

struct SuiteRow {
    SuiteId id;
    JobId job;
    std::string name;
};

struct CaseRow {
    CaseId id;
    SuiteId suite;
    std::string suite_name;
    std::string name;
    CaseResult result = CaseResult::unknown;
    std::optional<std::string> measurement;  ///< decimal text, 10 digits after the point: "12.5000000000"
    std::string units;
    std::optional<SetId> set;
    std::optional<std::string> set_name;
    std::string metadata;  ///< YAML text of the result message
    std::string extra;     ///< JSON of `extra`, "" when none
    std::optional<std::int64_t> start_log_line, end_log_line;
    WallTime logged{};
};

struct DeviceRow {
    std::string hostname;
    std::string device_type;
    std::string description;
    std::vector<TagId> tags;
    DeviceState state = DeviceState::idle;
    DeviceHealth health = DeviceHealth::good;
    std::optional<JobId> last_health_report_job;
    std::optional<JobId> current_job;
    std::string worker_host;
    std::string configuration;  ///< the lab file's entry as JSON: variables, driver
};

struct TagRow {
    TagId id;
    std::string name;
    std::string description;
};

struct UserRow {
    UserId id;
    std::string name;
    bool superuser = false;
    bool active = true;
    bool staff = false;
    std::string first_name, last_name, email;
    WallTime created{};
};

struct GroupRow {
    GroupId id;
    std::string name;
    bool operator==(const GroupRow&) const = default;
};

}  // namespace patchbay
