// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/coordinator.hpp"

namespace patchbay {

Coordinator::Group& Coordinator::group(const std::string& target_group) {
    const auto known = groups_.find(target_group);
    if (known != groups_.end()) return known->second;
    std::map<JobId, std::string> roles;
    for (const auto& part : MultinodeGroups{store_.reader()}.parts(target_group)) roles[part.job] = part.role;
    return groups_.emplace(target_group, Group{MultinodeGroup{std::move(roles)}}).first->second;
}

std::vector<JobId> Coordinator::catch_up(const std::string& target_group, Group& group) {
    std::vector<JobId> answered;
    for (const auto& row : MultinodeGroups{store_.reader()}.calls_after(target_group, group.last)) {
        group.last = row.id;
        const auto call = read_group_call(row.call);
        if (!call) continue;  // its checksum was right: written by a later version
        for (const auto part : group.state.take(row.job, *call)) answered.push_back(part);
    }
    return answered;
}

void Coordinator::heard(const std::string& target_group) {
    auto& known = group(target_group);
    for (const auto part : catch_up(target_group, known)) {
        if (const auto answer = known.state.answer(part)) tell_(part, *answer);
    }
}

void Coordinator::repeat(JobId part, const std::string& target_group) {
    heard(target_group);
    if (const auto answer = group(target_group).state.answer(part)) tell_(part, *answer);
}

}  // namespace patchbay
