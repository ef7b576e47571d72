// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/ending.hpp"

#include "core/config/yaml.hpp"
#include "daemon/notify/announce.hpp"
#include "daemon/store/artifacts.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/health_checks.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/own_ending.hpp"
#include "daemon/store/reservations.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/sessions.hpp"
#include "daemon/supervise/group_ending.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

/// Whose fault makes us doubt the device (lava_common/exceptions.py).
bool is_doubtful(const std::string& error_type) {
    return error_type == "Infrastructure" || error_type == "Configuration" || error_type == "Bug";
}

/// A health check has ended, and its device is what that says; Looping, Maintenance and Retired are a person's word.
void judge_checked_device(Database& db, const LeaseRow& lease, const JobRow& check, const Outcome& outcome,
                          WallTime now) {
    Devices devices{db};
    devices.note_check(lease.device, check.id, check.submit_time);
    const auto device = devices.find(lease.device);
    if (!device || device->health == DeviceHealth::looping) return;
    const auto name = "health check " + std::to_string(check.id.value);
    if (check.health == JobHealth::complete && lease.phase == LeaseRow::Phase::running) {
        if (device->health != DeviceHealth::good)
            devices.judge(lease.device, DeviceHealth::good, {name + " was Complete", check.id}, now);
    } else if (check.health == JobHealth::complete) {
        devices.judge(lease.device, DeviceHealth::bad, {name + " was Complete, but its runner crashed", check.id}, now);
    } else {
        HealthReason reason{name + " was Canceled", check.id};
        if (check.health != JobHealth::canceled) reason = {name + " failed", check.id, outcome.error_msg};
        devices.judge(lease.device, DeviceHealth::bad, reason, now);
    }
}

/// What the end of a job says about its device (lava_scheduler_app/models.py). There, only a health check takes the
/// doubt away; where none is configured any job does that was Complete and left the device safe by itself; a person who
/// had the device has proved nothing. `lease`: as stored.
void judge_device(Database& db, const LeaseRow& lease, const Outcome& outcome, WallTime now) {
    if (!lease.stop_reason.empty()) return;
    Devices devices{db};
    const auto name = "job " + std::to_string(lease.job.value);
    const auto device = devices.find(lease.device);
    const auto job = Jobs{db}.find(lease.job);
    if (job && job->health_check) return judge_checked_device(db, lease, *job, outcome, now);
    if (device && device->health == DeviceHealth::unknown && lease.phase == LeaseRow::Phase::running && job &&
        job->health == JobHealth::complete && !Sessions{db}.find(job->id) &&
        !HealthChecks{db}.decides(device->device_type, lease.device))
        devices.judge(lease.device, DeviceHealth::good, {name + " was Complete", job->id}, now);
    if (outcome.passed || !is_doubtful(outcome.error_type)) return;
    HealthReason reason{name + " ended with error " + outcome.error_type, lease.job, outcome.error_msg};
    // Not even started: each further job would end the same way, so the queue waits until somebody has mended it.
    const bool misconfigured =
        lease.runner_pid == 0 && lease.phase == LeaseRow::Phase::starting && outcome.error_type == "Configuration";
    if (misconfigured) reason = Devices::reason_of_mistakes(outcome.error_msg);
    devices.judge(lease.device, misconfigured ? DeviceHealth::bad : DeviceHealth::unknown, reason, now);
}

}  // namespace

std::optional<Outcome> stored_verdict(Database& db, JobId job) {
    const auto verdict = Results{db}.job_verdict(job);
    if (!verdict) return std::nullopt;
    Outcome outcome;
    outcome.passed = verdict->result == CaseResult::pass;
    if (outcome.passed) return outcome;
    const auto metadata = config::parse_yaml(verdict->metadata);
    const auto text_of = [&metadata](std::string_view key) {
        const auto* value = metadata.find(key);
        return value && value->as_string() ? *value->as_string() : std::string{};
    };
    outcome.error_type = text_of("error_type");
    outcome.error_msg = text_of("error_msg");
    return outcome;
}

void add_ending(IngestBatch& batch, const std::string& error_type, const std::string& message, JobId job,
                WallTime now) {
    auto ending = own_ending(error_type, message, now);
    for (auto& line : ending.lines) add_line(batch, std::move(line));
    add_result(batch, std::move(ending.verdict), job);
    batch.outcome = Outcome{false, error_type, message};
}

void close_lease(Database& db, const LeaseRow& lease, const IngestBatch& batch, const Outcome& outcome, WallTime now) {
    store_batch(db, lease, batch, now);
    if (!Results{db}.job_verdict(lease.job))
        store_result(db, lease.job,
                     outcome.passed ? make_job_pass() : make_job_fail(outcome.error_type, outcome.error_msg), now);
    Devices{db}.release(lease.device, lease.job);
    const bool ends = Jobs{db}.finish(lease.job, outcome.passed ? JobHealth::complete : JobHealth::incomplete, now);
    cancel_without_essential(db, lease.job, now);
    Leases leases{db};
    judge_device(db, leases.find(lease.id).value_or(lease), outcome, now);
    Reservations{db}.touch(lease.device, now);
    if (!leases.close(lease.id, lease.fence, now))
        throw LeaseLost{"lease " + std::to_string(lease.id.value) + ": closed by another"};
    if (ends) announce(db, lease.job, now);
}

bool set_piece_aside(Database& db, const LeaseRow& lease) {
    const auto job = Jobs{db}.status(lease.job);
    if (!job || job->state == JobState::canceling) return false;
    return Results{db}.set_aside(lease.job, lease.attempt) || Artifacts{db}.remove_piece(lease.job);
}

bool requeue_job(Database& db, const LeaseRow& lease, WallTime now) {
    if (!Jobs{db}.requeue(lease.job, now)) return false;
    IngestBatch last;
    last.next = lease.journal_offset;
    std::string line;
    append_log_record(line, now, LogLevel::warning,
                      "attempt " + std::to_string(lease.attempt) + " on " + lease.device + " was " + lease.stop_reason +
                          "; attempt " + std::to_string(lease.attempt + 1) + " begins when a device is free");
    add_line(last, std::move(line));
    store_batch(db, lease, last, now);
    // What came after the pieces: hardly anything.
    while (Results{db}.set_aside(lease.job, lease.attempt)) continue;
    while (Artifacts{db}.remove_piece(lease.job)) continue;
    Devices{db}.release(lease.device, lease.job);
    Reservations{db}.touch(lease.device, now);
    if (!Leases{db}.close(lease.id, lease.fence, now))
        throw LeaseLost{"lease " + std::to_string(lease.id.value) + ": closed by another"};
    return true;
}

}  // namespace patchbay
