// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/multinode_group.hpp"

#include <algorithm>

namespace patchbay {
namespace {

using Kind = GroupCall::Kind;

/// Of two values of one key the later one counts.
void merge(std::vector<std::pair<std::string, std::string>>& data, const std::pair<std::string, std::string>& entry) {
    const auto known = std::ranges::find(data, entry.first, [](const auto& one) { return one.first; });
    if (known == data.end()) {
        data.push_back(entry);
    } else {
        known->second = entry.second;
    }
}

}  // namespace

MultinodeGroup::MultinodeGroup(std::map<JobId, std::string> roles) : roles_{std::move(roles)} {}

std::vector<JobId> MultinodeGroup::take(JobId from, const GroupCall& call) {
    if (!roles_.contains(from) || call.number <= latest_[from].call.number) return {};
    latest_[from] = {call, std::nullopt};
    if (auto why = refusal(call); !why.empty()) {
        latest_[from].answer = GroupAnswer{call.number, std::move(why), {}};
        return {from};
    }
    hear(from, call);
    std::vector<JobId> answered;
    for (auto& [part, latest] : latest_) {
        if (latest.answer || latest.call.number == 0 || !has_come_true(part, latest.call)) continue;
        latest.answer = GroupAnswer{latest.call.number, {}, items_of(latest.call)};
        answered.push_back(part);
    }
    // Whoever comes to it from now on waits for the others anew.
    std::erase_if(syncs_, [this](const auto& sync) { return sync.second.size() == roles_.size(); });
    return answered;
}

std::optional<GroupAnswer> MultinodeGroup::answer(JobId part) const {
    const auto latest = latest_.find(part);
    return latest == latest_.end() ? std::nullopt : latest->second.answer;
}

std::string MultinodeGroup::refusal(const GroupCall& call) const {
    if (call.kind == Kind::wait_all && !call.role.empty()) {
        const bool known = std::ranges::any_of(roles_, [&](const auto& part) { return part.second == call.role; });
        if (!known) return "no part of this group has the role '" + call.role + "'";
    }
    if (call.kind != Kind::send) return {};
    auto size = size_of(call);
    if (const auto sent = messages_.find(call.id); sent != messages_.end()) {
        for (const auto& [sender, data] : sent->second) size += size_of(data);
    }
    if (size <= most_bytes) return {};
    return "the messages '" + call.id + "' of this group would have " + std::to_string(size) +
           " bytes together; at most " + std::to_string(most_bytes) + " are kept, so send less or use other ids";
}

void MultinodeGroup::hear(JobId from, const GroupCall& call) {
    if (call.kind == Kind::join) joined_.insert(from);
    if (call.kind == Kind::sync) syncs_[call.id].insert(from);
    if (call.kind != Kind::send) return;
    auto& data = messages_[call.id][from];
    for (const auto& entry : call.data) merge(data, entry);
}

bool MultinodeGroup::has_come_true(JobId from, const GroupCall& call) const {
    const auto sent = messages_.find(call.id);
    switch (call.kind) {
        case Kind::join:
            return joined_.size() == roles_.size();
        case Kind::send:
            return true;
        case Kind::sync: {
            const auto sync = syncs_.find(call.id);
            return sync != syncs_.end() && sync->second.size() == roles_.size();
        }
        case Kind::wait:
            return sent != messages_.end();
        case Kind::wait_all:
            return std::ranges::all_of(roles_, [&](const auto& part) {
                const bool awaited = part.first != from && (call.role.empty() || part.second == call.role);
                return !awaited || (sent != messages_.end() && sent->second.contains(part.first));
            });
    }
    return false;
}

std::vector<GroupItem> MultinodeGroup::items_of(const GroupCall& call) const {
    std::vector<GroupItem> items;
    const auto sent = messages_.find(call.id);
    if ((call.kind != Kind::wait && call.kind != Kind::wait_all) || sent == messages_.end()) return items;
    for (const auto& [sender, data] : sent->second)
        for (const auto& [key, value] : data) items.push_back({std::to_string(sender.value), key, value});
    return items;
}

}  // namespace patchbay
