// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/criteria.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

namespace patchbay {
namespace {

constexpr NotifyStatus statuses[] = {NotifyStatus::running,  NotifyStatus::finished,   NotifyStatus::all,
                                     NotifyStatus::complete, NotifyStatus::incomplete, NotifyStatus::canceled};
constexpr NotifyChange changes[] = {NotifyChange::any, NotifyChange::regression, NotifyChange::progression};
constexpr JobHealth healths[] = {JobHealth::unknown, JobHealth::complete, JobHealth::incomplete, JobHealth::canceled};
constexpr JobState states[] = {JobState::submitted, JobState::scheduling, JobState::scheduled,
                               JobState::running,   JobState::canceling,  JobState::finished};

/// (status, change, state, health, previous) of everything that fires, written out rule by rule. A health of a state
/// other than Finished, and the previous one where no change is asked for, make no difference.
using Case = std::tuple<NotifyStatus, NotifyChange, JobState, JobHealth, JobHealth>;

std::set<Case> expected() {
    std::set<Case> fire;
    for (const auto previous : healths) {
        for (const auto change : changes) {
            for (const auto health : healths) {
                fire.insert({NotifyStatus::running, change, JobState::running, health, previous});
                fire.insert({NotifyStatus::all, change, JobState::running, health, previous});
                fire.insert({NotifyStatus::finished, change, JobState::finished, health, previous});
                fire.insert({NotifyStatus::all, change, JobState::finished, health, previous});
            }
            fire.insert({NotifyStatus::canceled, change, JobState::finished, JobHealth::canceled, previous});
        }
        fire.insert({NotifyStatus::complete, NotifyChange::any, JobState::finished, JobHealth::complete, previous});
        fire.insert({NotifyStatus::incomplete, NotifyChange::any, JobState::finished, JobHealth::incomplete, previous});
    }
    fire.insert({NotifyStatus::incomplete, NotifyChange::regression, JobState::finished, JobHealth::incomplete,
                 JobHealth::complete});
    fire.insert({NotifyStatus::complete, NotifyChange::progression, JobState::finished, JobHealth::complete,
                 JobHealth::incomplete});
    return fire;
}

TEST(Criteria, EveryCombinationFiresOrNotAsTheRulesSay) {
    const auto fire = expected();
    int combinations = 0;
    for (const auto status : statuses)
        for (const auto change : changes)
            for (const auto state : states)
                for (const auto health : healths)
                    for (const auto previous : healths) {
                        const NotifyCriteria criteria{status, change, {}};
                        EXPECT_EQ(fires(criteria, {state, health, previous}),
                                  fire.contains({status, change, state, health, previous}))
                            << static_cast<int>(status) << static_cast<int>(change) << ' ' << to_string(state) << ' '
                            << to_string(health) << " after " << to_string(previous);
                        ++combinations;
                    }
    EXPECT_EQ(combinations, 6 * 3 * 6 * 4 * 4);
}

}  // namespace
}  // namespace patchbay
