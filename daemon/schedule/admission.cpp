// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/admission.hpp"

#include "daemon/schedule/sharing_view.hpp"

namespace patchbay {

void admit(Database& db, NewJob& job, const SharingRules& rules, WallTime now, std::int64_t before) {
    if (rules.empty() || !job.requested_device_type) return;
    SharingView view{db, rules, *job.requested_device_type, now};
    const auto* rule = view.rule_of(job.submitter);
    if (!rule) return;
    NewcomerFacts facts;
    facts.priority = job.priority;
    facts.time = job.run_limit;
    facts.queue_timeout = job.queue_timeout;
    facts.device_type = *job.requested_device_type;
    if (rule->max_queued) facts.queued = view.load_of(job.submitter).queued + before;
    const auto admission = admit(*rule, facts);
    if (!admission.refusal.empty()) throw SharingRefusal{admission.refusal, admission.for_now};
    job.priority = admission.priority;
    job.queue_timeout = admission.queue_timeout;
}

}  // namespace patchbay
