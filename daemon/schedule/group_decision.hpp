// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which multinode group begins, and on which devices? Values in, values out. All parts of a group get their devices at
// once or none does, so a waiting group holds nothing and no two groups can wait for each other.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/schedule/queue.hpp"

namespace patchbay {

/// How long a group tries to find all its devices idle by chance. After that, devices that become idle are kept for it,
/// so that shorter waits of single jobs cannot hold it off for ever.
inline constexpr auto group_patience = std::chrono::minutes{30};

struct WaitingPart {
    JobId job;
    std::string device_type;
    std::string tag_set;
    std::optional<std::chrono::seconds> run_limit;
    std::set<std::string> closed;  ///< devices that the lab's rules do not let it have now
    std::string only_device = {};  ///< the one that its role names; empty: any
    std::string only_worker = {};  ///< the one whose devices its role wants; empty: any
};

struct WaitingGroup {
    QueueHead head;  ///< the first part: priority and age are those of the whole group
    std::vector<WaitingPart> parts;
};

/// An idle device that may take jobs.
struct FreeDevice {
    std::string hostname;
    std::string device_type;
    std::string tag_set;
    std::string worker;
};

/// How many more jobs a worker may run now; one that is not in it: any number.
using WorkerRoom = std::map<std::string, std::int64_t>;

/// For each part the index of its device, so that as many parts as possible have one and no two have the same. Of those
/// that fit the first is taken where that leaves a choice.
std::vector<std::optional<std::size_t>> match_parts(const std::vector<WaitingPart>& parts,
                                                    const std::vector<FreeDevice>& devices);

struct GroupDecision {
    /// The best group that can begin, and the hostname for each of its parts.
    struct Ready {
        const WaitingGroup* group;
        std::vector<std::string> devices;
    };
    std::optional<Ready> ready;
    /// The best group that has waited too long and found too few devices; what goes behind it gets no device of `kept`.
    const WaitingGroup* keeper = nullptr;
    std::set<std::string> kept;
};

/// `groups`: best first; they must outlive the answer. `devices`: in the order in which they should be taken.
GroupDecision decide_groups(const std::vector<WaitingGroup>& groups, const std::vector<FreeDevice>& devices,
                            WallTime now, const WorkerRoom& room = {});

}  // namespace patchbay
