// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/why.hpp"

#include "daemon/schedule/candidates.hpp"
#include "daemon/schedule/decision.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t most_devices = 500;

std::string missing_tags(const DeviceRow& device, const JobRow& job, Database& db) {
    std::string names;
    for (const auto tag : job.tags) {
        if (covers(format_tag_set(device.tags), format_tag_set({tag}))) continue;
        const auto row = Devices{db}.tag(tag);
        names += (names.empty() ? "" : ", ") + (row ? row->name : std::to_string(tag.value));
    }
    return names;
}

class Judge {
public:
    Judge(Database& db, const JobRow& job, WallTime now, const SharingRules& rules, const Viewer& viewer)
        : db_{db},
          job_{job},
          viewer_{viewer},
          submitter_{Jobs{db}.submitter(job.id).value_or(UserId{})},
          view_{db, rules, job.requested_device_type.value_or(""), now},
          always_{is_displayed(db, view_.device_type()) ? view_.refused(submitter_) : not_displayed()},
          candidates_{db, view_} {}

    std::string rule() {
        const auto* rule = view_.rule_of(submitter_);
        return rule ? rule->name : "";
    }
    const std::optional<Refusal>& always() const { return always_; }

    /// The first thing that is in the way, in the order in which a person would mend it.
    DeviceAnswer ask(const DeviceRow& device) {
        auto answer = judge(device);
        if (answer.job && !sees(*answer.job)) answer.job.reset();
        if (answer.refusal && answer.refusal->hindrance == Hindrance::reserved) {
            const auto job = view_.reservations().at(device.hostname).job;
            if (job && !sees(*job)) answer.refusal->text = "it is reserved for another job";
        }
        return answer;
    }

private:
    DeviceAnswer judge(const DeviceRow& device) {
        DeviceAnswer answer{device.hostname, {}, {}};
        if (auto closed = view_.closed_to(submitter_, device.hostname)) {
            answer.refusal = std::move(closed);
        } else if (const auto tags = missing_tags(device, job_, db_); !tags.empty()) {
            answer.refusal = Refusal{Hindrance::tags, "has not all tags of the job: " + tags + " is missing", {}};
        } else if (device.health > DeviceHealth::unknown) {
            answer.refusal = Refusal{Hindrance::health, "its health is " + std::string{to_string(device.health)}, {}};
        } else if (device.state != DeviceState::idle) {
            answer.refusal = Refusal{Hindrance::busy, "runs another job", {}};
            answer.job = device.current_job;
        } else if (!is_idle(device.hostname)) {
            answer.refusal = Refusal{Hindrance::worker, "its worker is not Active, or has as many jobs as it may", {}};
        } else if (auto kept = view_.kept_from(submitter_, device.hostname)) {
            answer.refusal = std::move(kept);
        } else if (always_) {
            answer.refusal = always_;
        } else if (auto by_time = view_.refused(submitter_, job_.run_limit, device.hostname)) {
            answer.refusal = std::move(by_time);
        } else if (const auto best = best_for(format_tag_set(device.tags), candidates_.of(device.hostname));
                   best && best->job != job_.id) {
            answer.refusal = Refusal{Hindrance::another_first, "another job goes first", {}};
            answer.job = best->job;
        }
        return answer;
    }

    bool sees(JobId job) { return Jobs{db_}.is_seen(job, viewer_); }

    static Refusal not_displayed() {
        return {Hindrance::not_displayed, "devices of a type that is not displayed take no jobs", {}};
    }

    bool is_idle(const std::string& hostname) {
        return db_.run("SELECT 1 FROM device WHERE hostname = $1 AND " + idle_condition(), hostname)->step();
    }

    Database& db_;
    const JobRow& job_;
    const Viewer& viewer_;
    UserId submitter_;
    SharingView view_;
    std::optional<Refusal> always_;
    Candidates candidates_;
};

}  // namespace

WaitingReasons why_waits(Database& db, const JobRow& job, WallTime now, const SharingRules& rules,
                         const Viewer& viewer) {
    static const auto type_filter = *find_filter(QueryList::devices, "device_type");
    WaitingReasons reasons;
    if (!job.requested_device_type) return reasons;
    Judge judge{db, job, now, rules, viewer};
    reasons.rule = judge.rule();
    reasons.always = judge.always();
    Query of_type;
    of_type.limit = most_devices;
    of_type.conditions.push_back({type_filter.field, Lookup::exact, {*job.requested_device_type}, false, {}});
    Devices devices{db};
    const auto rows = devices.list(of_type, false, viewer.hidden_devices);
    for (const auto& device : rows) reasons.devices.push_back(judge.ask(device));
    reasons.left_out = devices.count(of_type, false, viewer.hidden_devices) - static_cast<std::int64_t>(rows.size());
    return reasons;
}

}  // namespace patchbay
