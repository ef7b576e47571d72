// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/sharing_view.hpp"

#include <algorithm>

#include "daemon/schedule/earliest.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/tag_set.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {

SharingView::SharingView(Database& db, const SharingRules& rules, std::string device_type, WallTime now)
    : db_{db},
      rules_{rules},
      device_type_{std::move(device_type)},
      now_{now},
      of_one_device_{Queue{db, device_type_}.of_one_device()} {
    for (const auto& job : of_one_device_) special_.insert(job.device);
    for (const auto& rule : rules_.rules)
        for (const auto& [device, hours] : rule.devices) special_.insert(device);
    for (auto& reservation : Reservations{db_}.list(now_)) {
        if (reservation.device_type != device_type_) continue;
        special_.insert(reservation.device);
        reservations_.emplace(reservation.device, std::move(reservation));
    }
    any_closed_ = Rights::any_submission_restricted(db_, device_type_);
    if (!any_closed_) return;
    for (const auto& device : Rights::devices_with_submitters(db_, device_type_)) special_.insert(device);
}

const SharingRule* SharingView::rule_of(UserId user) {
    if (rules_.empty()) return nullptr;
    const auto known = rule_of_.find(user);
    if (known != rule_of_.end()) return known->second;
    const SharingRule* rule = nullptr;
    if (const auto row = Users{db_}.find(user)) {
        std::vector<std::string> groups;
        for (auto& group : Groups{db_}.of(user)) groups.push_back(std::move(group.name));
        rule = rules_.rule_for(row->name, groups);
    }
    rule_of_.emplace(user, rule);
    return rule;
}

SharingView::Together SharingView::load_of(UserId user) {
    if (!loads_) loads_ = Jobs{db_}.loads();
    const auto* rule = rule_of(user);
    Together together;
    for (const auto& load : *loads_) {
        if (load.submitter != user && (!rule || rule->each || rule_of(load.submitter) != rule)) continue;
        together.queued += load.queued;
        together.running += load.running;
        if (load.device_type == device_type_) together.running_of_type += load.running;
    }
    return together;
}

std::int64_t SharingView::devices(const std::string& sql) {
    auto row = db_.run(sql, device_type_);
    return row->step() ? row->integer(0) : 0;
}

std::optional<Refusal> SharingView::refused(UserId submitter, Others others) {
    const auto* rule = rule_of(submitter);
    if (!rule) return std::nullopt;
    const bool alone = others.all == 0;
    if (rule->each || !alone) return refused_by(*rule, submitter, others);
    const auto known = refused_.find(rule);
    if (known != refused_.end()) return known->second;
    return refused_.emplace(rule, refused_by(*rule, submitter, others)).first->second;
}

std::optional<Refusal> SharingView::refused_by(const SharingRule& rule, UserId submitter, Others others) {
    static const auto idle_sql = "SELECT COUNT(*)" + from_idle_devices();
    const auto limits = rule.limits_on(device_type_);
    Usage usage;
    if (rule.max_running || limits.max_running || limits.max_share) {
        const auto load = load_of(submitter);
        usage.running = load.running + others.all;
        usage.running_of_type = load.running_of_type + others.of_type;
    }
    if (limits.max_share) {
        if (!usable_) usable_ = devices("SELECT COUNT(*) FROM device WHERE device_type = $1 AND health <= 1");
        usage.usable_of_type = *usable_;
    }
    if (limits.keep_free) {
        if (!idle_) {
            idle_ = devices(idle_sql) -
                    std::count_if(reservations_.begin(), reservations_.end(),
                                  [](const auto& entry) { return !entry.second.in_use && entry.second.usable; });
        }
        usage.idle_of_type = *idle_ - others.of_type;
    }
    return refused_by_numbers(rule, device_type_, usage);
}

std::optional<Refusal> SharingView::refused(UserId submitter, std::optional<std::chrono::seconds> run_limit,
                                            const std::string& device) {
    const auto* rule = rule_of(submitter);
    if (!rule) return std::nullopt;
    return refused_by_time(*rule, rule->hours_on(device_type_, device), now_, run_limit);
}

std::optional<Refusal> SharingView::closed_to(UserId submitter, const std::string& device) {
    if (!any_closed_) return std::nullopt;
    const auto [closed, is_new] = closed_.try_emplace(submitter);
    if (is_new) closed->second = Rights{db_, Users{db_}.find(submitter)}.closed_devices(device_type_);
    if (!closed->second.contains(device)) return std::nullopt;
    return Refusal{Hindrance::permission, "the submitter has no permission to submit to it", {}};
}

std::optional<QueueHead> SharingView::kept_for(const std::string& device) {
    constexpr auto sql = R"sql(
        SELECT job.tag_set, job.priority, job.submit_time, job.run_limit, device.tag_set
        FROM job, device WHERE job.id = $1 AND device.hostname = $2
    )sql";
    const auto found = reservations_.find(device);
    if (found == reservations_.end() || !found->second.job) return std::nullopt;
    const auto& reservation = found->second;
    auto row = db_.run(sql, *reservation.job, device);
    if (!row->step() || !covers(row->text(4), row->text(0))) return std::nullopt;
    std::optional<std::chrono::seconds> run_limit;
    if (const auto seconds = maybe_integer(*row, 3)) run_limit = std::chrono::seconds{*seconds};
    const QueueHead job{std::string{row->text(0)}, *reservation.job, static_cast<int>(row->integer(1)),
                        time_of(row->integer(2)), reservation.user};
    row.reset();
    if (closed_to(job.submitter, device) || refused(job.submitter) || refused(job.submitter, run_limit, device))
        return std::nullopt;
    return job;
}

std::optional<Refusal> SharingView::kept_from(UserId submitter, std::optional<JobId> job, const std::string& device) {
    if (auto closed = closed_to(submitter, device)) return closed;
    const auto found = reservations_.find(device);
    if (found == reservations_.end()) return std::nullopt;
    const auto& reservation = found->second;
    if (reservation.user == submitter && (reservation.job == job || !kept_for(device))) return std::nullopt;
    auto text = "it is reserved for " + reservation.user_name;
    if (reservation.job) text += "'s job " + std::to_string(reservation.job->value);
    return Refusal{Hindrance::reserved, std::move(text), reservation.ends()};
}

std::optional<std::chrono::seconds> SharingView::time_left(UserId submitter, const std::string& device) {
    const auto* rule = rule_of(submitter);
    if (!rule) return std::nullopt;
    return patchbay::time_left(rule->hours_on(device_type_, device), now_);
}

std::optional<WallTime> SharingView::clock_changes(UserId submitter) {
    std::optional<WallTime> earliest;
    const auto* rule = rule_of(submitter);
    if (!rule) return earliest;
    if (const auto hours = rule->limits_on(device_type_).hours)
        keep_earliest(earliest, opening_at(*hours, now_).changes);
    for (const auto& [device, hours] : rule->devices) keep_earliest(earliest, opening_at(hours, now_).changes);
    return earliest;
}

}  // namespace patchbay
