// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the lab's rules say about the devices of one type at one moment. The decision asks it before a device takes a
// job, and the answer to "why does it wait?" afterwards.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/schedule/queue.hpp"
#include "daemon/sharing/refusal.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/reservations.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

/// Good for one transaction: what it has read does not change any more.
class SharingView {
public:
    SharingView(Database& db, const SharingRules& rules, std::string device_type, WallTime now);

    /// nullptr: nothing limits this user.
    const SharingRule* rule_of(UserId user);
    /// Jobs of all whom the user's rule counts together.
    struct Together {
        std::int64_t queued = 0, running = 0, running_of_type = 0;
    };
    Together load_of(UserId user);

    /// Jobs that begin together with one, in a multinode group: they count as if they ran.
    struct Others {
        std::int64_t all, of_type;
    };
    /// Whatever the job and the device.
    std::optional<Refusal> refused(UserId submitter, Others others = {0, 0});
    /// By the clock, for a job of at most `run_limit`.
    std::optional<Refusal> refused(UserId submitter, std::optional<std::chrono::seconds> run_limit,
                                   const std::string& device);
    /// Because they have no permission to submit to the device: it may have been taken away since they did.
    std::optional<Refusal> closed_to(UserId submitter, const std::string& device);
    /// The queued job that the device is kept for, and that may have it now; nobody else may then.
    std::optional<QueueHead> kept_for(const std::string& device);
    /// Because the device is kept for another user or job, or closed to this user. `job`: nullopt, any of theirs.
    std::optional<Refusal> kept_from(UserId submitter, std::optional<JobId> job, const std::string& device);
    /// Devices of the type that are kept for somebody, by name.
    const std::map<std::string, Reservation>& reservations() const { return reservations_; }
    /// How long a job that begins now may last on the device; nullopt: as long as it wants.
    std::optional<std::chrono::seconds> time_left(UserId submitter, const std::string& device);
    /// When the clock may let somebody's jobs begin, or keeps them from it; nullopt: never.
    std::optional<WallTime> clock_changes(UserId submitter);

    /// Queued jobs of the type that want one device and no other, the best first.
    const std::vector<OneDeviceJob>& of_one_device() const { return of_one_device_; }

    /// Devices that the rules, permissions or queued jobs name, or that are reserved: others of a type are all alike.
    const std::set<std::string>& special_devices() const { return special_; }
    const std::string& device_type() const { return device_type_; }

private:
    std::int64_t devices(const std::string& sql);
    std::optional<Refusal> refused_by(const SharingRule& rule, UserId submitter, Others others);

    Database& db_;
    const SharingRules& rules_;
    std::string device_type_;
    WallTime now_;
    std::set<std::string> special_;
    std::map<std::string, Reservation> reservations_;
    std::vector<OneDeviceJob> of_one_device_;
    std::map<UserId, const SharingRule*> rule_of_;
    std::map<const SharingRule*, std::optional<Refusal>> refused_;  ///< all of a rule together
    std::optional<std::int64_t> usable_, idle_;                     ///< devices of the type
    std::optional<std::vector<Jobs::Load>> loads_;
    bool any_closed_ = false;
    std::map<UserId, NameSet> closed_;
};

}  // namespace patchbay
