// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/group_decision.hpp"

#include <algorithm>

#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

/// A bipartite matching by augmenting paths (Kuhn): greedy choices go wrong where sets of tags overlap.
class Matching {
public:
    Matching(const std::vector<WaitingPart>& parts, const std::vector<FreeDevice>& devices)
        : parts_{parts}, devices_{devices}, taken_by_(devices.size()), device_of_(parts.size()) {}

    std::vector<std::optional<std::size_t>> run() && {
        for (std::size_t part = 0; part < parts_.size(); ++part) {
            tried_.assign(devices_.size(), false);
            place(part);
        }
        return std::move(device_of_);
    }

private:
    bool fits(std::size_t part, std::size_t device) const {
        const auto& wanted = parts_[part];
        const auto& offered = devices_[device];
        return offered.device_type == wanted.device_type && covers(offered.tag_set, wanted.tag_set) &&
               !wanted.closed.contains(offered.hostname) &&
               (wanted.only_device.empty() || wanted.only_device == offered.hostname) &&
               (wanted.only_worker.empty() || wanted.only_worker == offered.worker);
    }

    bool place(std::size_t part) {
        // One that is free first: nobody has to move.
        for (const bool may_move : {false, true}) {
            for (std::size_t device = 0; device < devices_.size(); ++device) {
                if (tried_[device] || (taken_by_[device] && !may_move) || !fits(part, device)) continue;
                tried_[device] = true;
                if (taken_by_[device] && !place(*taken_by_[device])) continue;
                taken_by_[device] = part;
                device_of_[part] = device;
                return true;
            }
        }
        return false;
    }

    const std::vector<WaitingPart>& parts_;
    const std::vector<FreeDevice>& devices_;
    std::vector<std::optional<std::size_t>> taken_by_, device_of_;
    std::vector<bool> tried_;
};

/// May their workers run so many more jobs at once?
bool have_room(const std::vector<std::optional<std::size_t>>& places, const std::vector<FreeDevice>& devices,
               WorkerRoom room) {
    return std::ranges::all_of(places, [&](const auto& place) {
        const auto known = room.find(devices[*place].worker);
        return known == room.end() || --known->second >= 0;
    });
}

}  // namespace

std::vector<std::optional<std::size_t>> match_parts(const std::vector<WaitingPart>& parts,
                                                    const std::vector<FreeDevice>& devices) {
    return Matching{parts, devices}.run();
}

GroupDecision decide_groups(const std::vector<WaitingGroup>& groups, const std::vector<FreeDevice>& devices,
                            WallTime now, const WorkerRoom& room) {
    GroupDecision decision;
    auto left = devices;
    for (const auto& group : groups) {
        const auto places = match_parts(group.parts, left);
        std::vector<std::string> names;
        for (const auto& place : places) {
            if (place) names.push_back(left[*place].hostname);
        }
        if (names.size() == group.parts.size()) {
            if (!have_room(places, left, room)) continue;  // nothing can be kept for it
            decision.ready = {&group, std::move(names)};
            break;
        }
        if (decision.keeper || now - group.head.submit_time < group_patience) continue;
        decision.keeper = &group;
        decision.kept.insert(names.begin(), names.end());
        std::erase_if(left, [&](const FreeDevice& device) { return decision.kept.contains(device.hostname); });
    }
    return decision;
}

}  // namespace patchbay
