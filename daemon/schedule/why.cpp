// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/why.hpp"

#include <algorithm>

#include "daemon/schedule/candidates.hpp"
#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/group_queue.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"
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
          groups_{db, rules, now},
          waiting_{groups_.waiting(view_.device_type())},
          group_{job.target_group.empty() ? std::nullopt : groups_.find(job.target_group)},
          always_{refused()},
          candidates_{db, view_},
          decision_{groups_.decide(waiting_)} {}

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

    /// Of every job of the group; empty when the job has none.
    std::vector<PartAnswer> ask_group() {
        std::vector<PartAnswer> answers;
        if (!group_) return answers;
        const auto placed = groups_.placed(*group_);
        const auto rows = MultinodeGroups{db_}.parts(job_.target_group);
        for (std::size_t i = 0; i < group_->parts.size(); ++i) {
            const auto& part = group_->parts[i];
            const auto row = std::ranges::find(rows, part.job, &PartRow::job);
            answers.push_back({part.job, row->sub_id, row->role, part.device_type, placed[i]});
        }
        return answers;
    }

private:
    std::string health_text(const DeviceRow& device) {
        Devices devices{db_};
        const auto text = "its health is " + std::string{to_string(device.health)};
        const auto history = devices.health_history(device.hostname, 1);
        return history.empty() ? text : text + ": " + devices.shown(history[0].reason, viewer_);
    }

    DeviceAnswer judge(const DeviceRow& device) {
        DeviceAnswer answer{device.hostname, {}, {}};
        if (auto closed = view_.closed_to(submitter_, device.hostname)) {
            answer.refusal = std::move(closed);
        } else if (const auto tags = missing_tags(device, job_, db_); !tags.empty()) {
            answer.refusal = Refusal{Hindrance::tags, "has not all tags of the job: " + tags + " is missing", {}};
        } else if (auto other = names_another(device); !other.empty()) {
            answer.refusal = Refusal{Hindrance::other_device, "the job wants " + other, {}};
        } else if (device.health > DeviceHealth::unknown) {
            answer.refusal = Refusal{Hindrance::health, health_text(device), {}};
        } else if (device.state != DeviceState::idle) {
            answer.refusal = Refusal{Hindrance::busy, "runs another job", {}};
            answer.job = device.current_job;
        } else if (!is_idle(device.hostname)) {
            answer.refusal = Refusal{
                Hindrance::worker, "its worker is not Active, does not answer, or has as many jobs as it may", {}};
        } else if (auto kept = view_.kept_from(submitter_, job_.id, device.hostname)) {
            answer.refusal = std::move(kept);
        } else if (always_) {
            answer.refusal = always_;
        } else if (auto by_time = view_.refused(submitter_, job_.run_limit, device.hostname)) {
            answer.refusal = std::move(by_time);
        } else if (keeps(device.hostname)) {
            answer.refusal =
                Refusal{Hindrance::another_first, "is kept for a multinode group that has waited long", {}};
            answer.job = decision_.keeper->head.job;
        } else if (group_) {
            answer.refusal =
                Refusal{Hindrance::group, "is free, and the other jobs of the group have no device yet", {}};
        } else if (const auto best = best_for(format_tag_set(device.tags), candidates_.of(device.hostname));
                   best && best->job != job_.id) {
            answer.refusal = Refusal{Hindrance::another_first, "another job goes first", {}};
            answer.job = best->job;
        }
        return answer;
    }

    bool sees(JobId job) { return Jobs{db_}.is_seen(job, viewer_); }

    std::optional<Refusal> refused() {
        if (group_) return groups_.refused(*group_);
        if (!is_displayed(db_, view_.device_type())) return not_displayed(view_.device_type());
        return view_.refused(submitter_);
    }

    /// "device a" or "a device of worker b"; empty: this one is as good as any.
    std::string names_another(const DeviceRow& device) const {
        if (!job_.requested_device.empty() && job_.requested_device != device.hostname)
            return "device " + job_.requested_device;
        if (!group_) return {};
        const auto part = std::ranges::find(group_->parts, job_.id, &WaitingPart::job);
        if (part == group_->parts.end()) return {};
        if (!part->only_worker.empty() && part->only_worker != device.worker_host)
            return "a device of worker " + part->only_worker;
        return {};
    }

    /// For a group that goes before the job.
    bool keeps(const std::string& hostname) const {
        if (!decision_.kept.contains(hostname)) return false;
        const QueueHead mine{"", job_.id, job_.priority, job_.submit_time, submitter_};
        const auto& keeper = *decision_.keeper;
        const bool own = std::ranges::find(keeper.parts, job_.id, &WaitingPart::job) != keeper.parts.end();
        return !own && goes_before(keeper.head, mine);
    }

    bool is_idle(const std::string& hostname) {
        return db_.run("SELECT 1 FROM device WHERE hostname = $1 AND " + idle_condition(), hostname)->step();
    }

    Database& db_;
    const JobRow& job_;
    const Viewer& viewer_;
    UserId submitter_;
    SharingView view_;
    GroupQueue groups_;
    std::vector<WaitingGroup> waiting_;
    std::optional<WaitingGroup> group_;
    std::optional<Refusal> always_;
    Candidates candidates_;
    GroupDecision decision_;
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
    reasons.group = judge.ask_group();
    reasons.left_out = devices.count(of_type, false, viewer.hidden_devices) - static_cast<std::int64_t>(rows.size());
    return reasons;
}

}  // namespace patchbay
