// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/plan.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace patchbay {
namespace {

bool is_named(const std::vector<RemoteJob>& jobs, const RemoteJob& job) {
    return std::find(jobs.begin(), jobs.end(), job) != jobs.end();
}

}  // namespace

std::vector<RemoteJob> named_jobs(const PingAnswer& answer) {
    std::vector<RemoteJob> jobs;
    std::set<std::pair<std::int64_t, std::string>> seen;
    for (const auto* list : {&answer.cancel, &answer.running, &answer.start})
        for (const auto& job : *list)
            if (seen.emplace(job.id, job.token).second) jobs.push_back(job);
    return jobs;
}

Plan make_plan(const PingAnswer& answer, std::span<const AttachedJobRow> known, WallTime asked) {
    std::map<std::int64_t, std::vector<const AttachedJobRow*>> of_number;
    for (const auto& row : known) of_number[row.remote].push_back(&row);
    std::set<AttachedJobId> named;
    Plan plan;
    for (const auto& job : named_jobs(answer)) {
        const AttachedJobRow* row = nullptr;
        for (const auto* candidate : of_number[job.id])
            if (candidate->token == job.token) row = candidate;
        const bool stops = is_named(answer.cancel, job);
        if (!row) {
            (stops ? plan.unknown : plan.begin).push_back(job);
        } else if (!row->ended) {
            named.insert(row->id);
            if (stops) plan.cancel.push_back(*row);
        } else if (*row->ended < asked) {
            plan.repeat.push_back(*row);
        }
    }
    for (const auto& row : known)
        if (!row.ended && !named.contains(row.id)) plan.missing.push_back(row);
    return plan;
}

}  // namespace patchbay
