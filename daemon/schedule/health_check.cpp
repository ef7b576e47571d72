// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/health_check.hpp"

#include "daemon/schedule/decision.hpp"
#include "daemon/store/health_checks.hpp"
#include "daemon/store/users.hpp"
#include "daemon/store/workers.hpp"
#include "jobs/definition/masking.hpp"

namespace patchbay {
namespace {

// A Looping device is checked again and again; LAVA's scheduler comes by every 20 s.
constexpr auto looping_pause = 20s;

/// What is run where nothing is configured; `smoke-check` is an action of ours (jobs/actions/smoke_check.cpp).
constexpr auto smoke_check = R"yaml(actions:
- command:
    name: smoke-check
job_name: smoke check
priority: medium
timeouts:
  action:
    minutes: 3
  connection:
    minutes: 2
  job:
    minutes: 5
visibility: public
)yaml";

struct TypeRule {
    int frequency = 24;
    HealthDenominator denominator = HealthDenominator::hours;
};

/// nullopt: devices of this type are not checked.
std::optional<TypeRule> rule_of(Database& db, const std::string& device_type) {
    constexpr auto sql = R"sql(
        SELECT health_frequency, health_denominator FROM device_type
        WHERE name = $1 AND display = 1 AND disable_health_check = 0
    )sql";
    auto row = db.run(sql, device_type);
    if (!row->step()) return std::nullopt;
    return TypeRule{static_cast<int>(row->integer(0)), static_cast<HealthDenominator>(row->integer(1))};
}

enum class Configured { none, some, all };  ///< devices of a type with a configured health check

Configured configured(Database& db, const std::string& device_type) {
    auto row = db.run("SELECT device FROM health_check WHERE device_type = $1 ORDER BY device LIMIT 1", device_type);
    if (!row->step()) return Configured::none;
    return row->text(0).empty() ? Configured::all : Configured::some;
}

/// The devices that the built-in check is for: those without a configured one, and none of a remote worker, as LAVA's
/// runner does not know that check.
std::string with_smoke_check(Configured devices) {
    auto among = std::string{" AND worker_host NOT IN ("} + remote_workers_sql + ")";
    if (devices != Configured::none)
        among += " AND hostname NOT IN (SELECT device FROM health_check WHERE device_type = $1)";
    return among;
}

enum class Longest { since_check, by_jobs };

struct Candidate {
    std::string hostname;
    CheckedDevice state;
};

/// Of the idle devices of this health the one that has waited longest for a check. `among`: "" or " AND ...".
std::optional<Candidate> longest_waiting(Database& db, const std::string& device_type, DeviceHealth health,
                                         const std::string& among, Longest longest = Longest::since_check) {
    static const auto idle =
        "SELECT hostname, last_check, jobs_since_check FROM device WHERE state = 0 AND health <= 2 AND device_type = "
        "$1 "
        "AND health = $2 AND worker_host IN (" +
        std::string{usable_workers_sql} + ")";
    auto row = db.run(
        idle + among +
            (longest == Longest::since_check ? " ORDER BY last_check LIMIT 1"
                                             : " ORDER BY last_check IS NOT NULL, jobs_since_check DESC LIMIT 1"),
        device_type, health);
    if (!row->step()) return std::nullopt;
    return Candidate{std::string{row->text(0)}, {health, maybe_time(*row, 1), row->integer(2)}};
}

LeaseRow start_check(Database& db, const std::string& device_type, const std::string& hostname, NewJob job,
                     WallTime now) {
    Users users{db};
    const auto user = users.find(health_user);
    job.submitter = user ? user->id : users.add(health_user, false, now);
    job.health_check = true;
    job.requested_device_type = device_type;
    if (may_have_secrets(job.definition)) {
        const auto masked = masked_text(job.definition);
        job.masked = MaskedTexts{masked, masked, {}};
    }
    return lease_device(db, Jobs{db}.insert(job, now), hostname, now);
}

}  // namespace

std::optional<WallTime> check_due(const CheckedDevice& device, int frequency, HealthDenominator denominator) {
    constexpr auto at_once = WallTime{};
    if (device.health > DeviceHealth::looping) return std::nullopt;
    if (device.health == DeviceHealth::unknown || !device.last_check) return at_once;
    if (device.health == DeviceHealth::looping) return *device.last_check + looping_pause;
    if (denominator == HealthDenominator::hours) return *device.last_check + std::chrono::hours{frequency};
    if (device.jobs_since >= frequency) return at_once;
    return std::nullopt;
}

std::optional<LeaseRow> claim_health_check(Database& db, const std::string& device_type, WallTime now) {
    const auto devices = configured(db, device_type);
    if (devices == Configured::none) return std::nullopt;
    const auto rule = rule_of(db, device_type);
    if (!rule) return std::nullopt;
    const std::string among =
        devices == Configured::all ? "" : " AND hostname IN (SELECT device FROM health_check WHERE device_type = $1)";
    for (const auto health : {DeviceHealth::unknown, DeviceHealth::looping, DeviceHealth::good}) {
        const bool by_jobs = health == DeviceHealth::good && rule->denominator == HealthDenominator::jobs;
        const auto candidate =
            longest_waiting(db, device_type, health, among, by_jobs ? Longest::by_jobs : Longest::since_check);
        if (!candidate) continue;
        const auto due = check_due(candidate->state, rule->frequency, rule->denominator);
        if (!due || *due > now) continue;
        const auto check = HealthChecks{db}.of_device(device_type, candidate->hostname);
        return start_check(db, device_type, candidate->hostname, check->job, now);
    }
    return std::nullopt;
}

std::optional<LeaseRow> claim_smoke_check(Database& db, const std::string& device_type, WallTime now) {
    constexpr auto under_way = R"sql(
        SELECT 1 FROM job WHERE requested_device_type = $1 AND state BETWEEN 1 AND 4 AND health_check = 1 LIMIT 1
    )sql";
    const auto devices = configured(db, device_type);
    if (devices == Configured::all) return std::nullopt;
    const auto among = with_smoke_check(devices);
    for (const auto health : {DeviceHealth::unknown, DeviceHealth::looping}) {
        const auto candidate = longest_waiting(db, device_type, health, among);
        if (!candidate) continue;
        const auto due = check_due(candidate->state, 1, HealthDenominator::hours);
        if (!due || *due > now) continue;
        if (!rule_of(db, device_type) || db.run(under_way, device_type)->step()) return std::nullopt;
        NewJob job;
        job.description = "smoke check";
        job.definition = job.original_definition = smoke_check;
        return start_check(db, device_type, candidate->hostname, std::move(job), now);
    }
    return std::nullopt;
}

std::optional<NextCheck> next_check(Database& db) {
    // Unknown devices are taken when they become it: no time brings their check.
    constexpr auto types_sql = R"sql(
        SELECT name FROM device_type WHERE display = 1 AND disable_health_check = 0
            AND (EXISTS (SELECT 1 FROM health_check WHERE health_check.device_type = device_type.name)
                OR EXISTS (SELECT 1 FROM device WHERE state = 0 AND health <= 2 AND health = 2
                    AND device.device_type = device_type.name))
    )sql";
    std::optional<NextCheck> next;
    auto types = db.run(types_sql);
    while (types->step()) {
        const std::string type{types->text(0)};
        const auto rule = rule_of(db, type);
        const auto devices = configured(db, type);
        const std::string checked = devices == Configured::all
                                        ? ""
                                        : " AND hostname IN (SELECT device FROM health_check WHERE device_type = $1)";
        const auto look = [&](DeviceHealth health, const std::string& among) {
            const auto candidate = longest_waiting(db, type, health, among);
            if (!candidate) return;
            const auto due = check_due(candidate->state, rule->frequency, rule->denominator);
            if (due && (!next || *due < next->when)) next = NextCheck{type, *due};
        };
        look(DeviceHealth::looping, checked);
        look(DeviceHealth::good, checked);
        if (devices != Configured::all) look(DeviceHealth::looping, with_smoke_check(devices));
    }
    return next;
}

}  // namespace patchbay
