// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/criteria.hpp"

namespace patchbay {
namespace {

bool satisfies(NotifyStatus status, JobState state, JobHealth health) {
    const bool over = state == JobState::finished;
    switch (status) {
        case NotifyStatus::running:
            return state == JobState::running;
        case NotifyStatus::finished:
            return over;
        case NotifyStatus::all:
            return over || state == JobState::running;
        case NotifyStatus::complete:
            return over && health == JobHealth::complete;
        case NotifyStatus::incomplete:
            return over && health == JobHealth::incomplete;
        case NotifyStatus::canceled:
            return over && health == JobHealth::canceled;
    }
    return false;
}

}  // namespace

bool fires(const NotifyCriteria& criteria, const Transition& now) {
    if (!satisfies(criteria.status, now.state, now.health)) return false;
    if (criteria.status != NotifyStatus::complete && criteria.status != NotifyStatus::incomplete) return true;
    switch (criteria.change) {
        case NotifyChange::any:
            return true;
        case NotifyChange::regression:
            return now.previous == JobHealth::complete && now.health == JobHealth::incomplete;
        case NotifyChange::progression:
            return now.previous == JobHealth::incomplete && now.health == JobHealth::complete;
    }
    return false;
}

}  // namespace patchbay
