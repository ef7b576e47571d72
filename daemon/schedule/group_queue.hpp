// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the store and the lab's rules know of waiting multinode groups, and the one transaction in which one begins.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/schedule/group_decision.hpp"
#include "daemon/schedule/sharing_view.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Groups that one decision looks at, best first: those behind them wait until one of these has begun or left.
inline constexpr std::size_t groups_looked_at = 50;

/// Good for one transaction.
class GroupQueue {
public:
    GroupQueue(Database& db, const SharingRules& rules, WallTime now) : db_{db}, rules_{rules}, now_{now} {}

    /// Groups that wait for a device of this type, among others; best first.
    std::vector<WaitingGroup> waiting(const std::string& device_type);
    /// nullopt: not all of its jobs wait.
    std::optional<WaitingGroup> find(const std::string& target_group);

    /// Why the whole group may not begin, whatever is free: with all its parts the submitter would have too many
    /// devices, or a type takes no jobs.
    std::optional<Refusal> refused(const WaitingGroup& group);

    /// Which of them begins; those that are refused neither begin nor have anything kept for them. Says in the groups
    /// which devices are closed to them.
    GroupDecision decide(std::vector<WaitingGroup>& groups);
    /// For each part of this one group whether there is a device for it now, if no other group wants any.
    std::vector<bool> placed(WaitingGroup group);

    /// Every part Scheduled, its device Reserved, a lease made, and the definitions know all roles. When a device of
    /// another type than `device_type`, whose health checks have been looked at, is to be checked first, that check
    /// begins instead. Throws: StoreError, a part or a device was taken meanwhile.
    std::vector<LeaseRow> begin(const GroupDecision::Ready& ready, const std::string& device_type);

private:
    SharingView& view(const std::string& device_type);
    std::vector<FreeDevice> free_devices(const std::vector<WaitingGroup>& groups);
    void close_devices(WaitingGroup& group, const std::vector<FreeDevice>& devices);
    WorkerRoom room();

    Database& db_;
    const SharingRules& rules_;
    WallTime now_;
    std::map<std::string, SharingView> views_;
};

}  // namespace patchbay
