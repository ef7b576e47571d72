// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/health_reason.hpp"
#include "daemon/store/query.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

/// What the lab's configuration says about one device.
struct ConfiguredDevice {
    std::string hostname;
    std::string device_type;
    std::string description;
    std::vector<std::string> tags;  ///< names; made when new
    std::string worker_host;
    std::string configuration;                       ///< JSON
    DeviceHealth first_health = DeviceHealth::good;  ///< of a new one; Good where nothing will ever check it
    Fence seen_fence;  ///< the highest number that a runner had; a restored store may know a lower one
};

class Devices {
public:
    explicit Devices(Database& db) : db_{db} {}

    /// Makes the stored devices those of the configuration: new ones have their first health, state and health of known
    /// ones stay, ones that are gone become Retired, and have their first health when they are back. Fencing
    /// numbers go on behind those that were seen. The types and workers that they name are made. Who is Bad for
    /// reason_of_mistakes() is so no more.
    void configure(const std::vector<ConfiguredDevice>& devices);

    std::optional<DeviceRow> find(const std::string& hostname);
    /// `all`: with Retired ones; `hidden`: without these.
    std::vector<DeviceRow> list(const Query& query, bool all = false, const NameSet& hidden = {});
    std::int64_t count(const Query& query, bool all = false, const NameSet& hidden = {});

    /// Idle -> Reserved for `job`.
    bool reserve(const std::string& hostname, JobId job);
    /// Reserved -> Running.
    bool start(const std::string& hostname, JobId job);
    /// The job that has it gives it back: -> Idle.
    bool release(const std::string& hostname, JobId job);
    /// `reason` is kept in the device's history, of what the job said the first 4 KiB.
    bool set_health(const std::string& hostname, DeviceHealth health, const HealthReason& reason, WallTime now);
    /// What we found out about it, as opposed to what a person says: Maintenance and Retired stay.
    void judge(const std::string& hostname, DeviceHealth health, const HealthReason& reason, WallTime now);

    /// The reason for Bad when its description cannot be read; `problems` says where, and the first line is kept.
    static std::string reason_of_mistakes(const std::string& problems);

    /// A health check of the device has ended.
    void note_check(const std::string& hostname, JobId check, WallTime submitted);

    struct HealthChange {
        WallTime when{};
        DeviceHealth from = DeviceHealth::good, to = DeviceHealth::good;
        HealthReason reason;
    };
    /// Newest first.
    std::vector<HealthChange> health_history(const std::string& hostname, std::int64_t limit = 50);
    /// As much of a reason as somebody may read.
    std::string shown(const HealthReason& reason, const Viewer& viewer);

    std::vector<TagRow> tags(const Query& query);
    std::int64_t count_tags(const Query& query);
    std::optional<TagRow> tag(TagId id);
    std::optional<TagRow> tag(const std::string& name);
    /// A tag beside those of the configuration file. False: the device had it.
    bool add_tag(const std::string& hostname, TagId tag);
    /// False: the device has it not. Throws: OwnedByFile.
    bool remove_tag(const std::string& hostname, const TagRow& tag);

    TagRow make_tag(const std::string& name, const std::string& description = {});
    /// Name and description of the tag with this id. False: another has the name.
    bool update_tag(const TagRow& tag);
    /// False: it is gone. Throws: JobError, a device has it or a job names it.
    bool remove_tag(const TagRow& tag);

private:
    void gather_tags(const std::string& hostname);

    Database& db_;
};

}  // namespace patchbay
