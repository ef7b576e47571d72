// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/job_conditions.hpp"

#include <algorithm>

#include "daemon/store/rows.hpp"

namespace patchbay {
namespace {

// The sign keeps the engine from taking an index on the state; a list of Finished jobs is found better by anything
// else.
constexpr Field state_without_index{"state", FieldType::job_state, {}, "+job.state"};

bool names_finished(const Condition& condition) {
    constexpr auto finished = static_cast<std::int64_t>(JobState::finished);
    return std::ranges::find(condition.values, FilterValue{finished}) != condition.values.end();
}

/// An index has all that is asked for, in the order that is asked for.
bool state_leads(const Query& query) {
    const auto in_its_index = [](const Condition& condition) {
        const auto name = condition.field->name;
        return name == "state" || name == "requested_device_type" || name == "requested_device_type__name";
    };
    return query.is_near_start() && std::ranges::all_of(query.conditions, in_its_index);
}

}  // namespace

void add_job_conditions(BoundFilter& bound, const Query& query) {
    auto conditions = query.conditions;
    const bool leads = state_leads(query);
    bool only_open = false;
    for (auto& condition : conditions) {
        if (condition.field->name != "state") continue;
        if (names_finished(condition) == condition.negate)
            only_open = true;
        else if (!leads)
            condition.field = &state_without_index;
    }
    bound.add(conditions);
    // Spelled out for the index on the state, then in the words of the partial index job_open: only so do they apply.
    if (only_open) bound.where += " AND job.state IN (0, 1, 2, 3, 4) AND job.state < 5";
}

}  // namespace patchbay
