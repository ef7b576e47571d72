// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/other_type.hpp"

#include <algorithm>

#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/group_queue.hpp"
#include "daemon/schedule/queue.hpp"
#include "daemon/schedule/sharing_view.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/portable_choices.hpp"
#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

/// Its own type's turn is then to come.
bool has_device_at_home(Database& db, const PortableChoice& choice) {
    const auto fits = [&choice](const IdleDevice& device) { return covers(device.tag_set, choice.home_tags); };
    return is_displayed(db, choice.home_type) && std::ranges::any_of(idle_devices(db, choice.home_type, {}), fits);
}

/// The idle device with the fewest tags that the job may have; nullptr: none.
const IdleDevice* device_for(const PortableChoice& choice, const std::vector<IdleDevice>& devices, SharingView& view) {
    const IdleDevice* best = nullptr;
    for (const auto& device : devices) {
        if (!covers(device.tag_set, choice.tag_set) || view.kept_for(device.hostname)) continue;
        if (view.kept_from(choice.submitter, choice.job, device.hostname)) continue;
        if (view.refused(choice.submitter, choice.run_limit, device.hostname)) continue;
        if (!best || device.tag_set.size() < best->tag_set.size()) best = &device;
    }
    return best;
}

}  // namespace

std::vector<LeaseRow> claim_from_other_type(Database& db, const std::string& device_type, WallTime now,
                                            const SharingRules& rules) {
    const auto choices = PortableChoices{db}.for_type(device_type);
    if (choices.empty() || !is_displayed(db, device_type)) return {};
    SharingView view{db, rules, device_type, now};
    GroupQueue queue{db, rules, now};
    auto groups = queue.waiting(device_type);
    const auto kept = queue.decide(groups).kept;
    auto special = view.special_devices();
    special.insert(kept.begin(), kept.end());
    auto devices = idle_devices(db, device_type, special);
    std::erase_if(devices, [&kept](const IdleDevice& device) { return kept.contains(device.hostname); });
    if (devices.empty()) return {};
    for (const auto& choice : choices) {
        if (view.refused(choice.submitter)) continue;
        const auto* device = device_for(choice, devices, view);
        if (!device || has_device_at_home(db, choice) || !PortableChoices{db}.take(choice)) continue;
        const auto detail = choice.home_type + " -> " + device_type + ": " + device->hostname + " is idle";
        Audit{db}.record({"patchbayd", "job.move", std::to_string(choice.job.value), detail}, now);
        return {begin_job(db, choice.job, device->hostname, now)};
    }
    return {};
}

}  // namespace patchbay
