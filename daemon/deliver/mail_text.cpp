// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/mail_text.hpp"

#include "daemon/api/jobs/job_json.hpp"
#include "daemon/deliver/comparison.hpp"
#include "daemon/notify/callback_url.hpp"
#include "daemon/store/results.hpp"

namespace patchbay {
namespace {

// Longer than anybody reads; the lab has the rest.
constexpr std::int64_t most_cases = 1000;

std::string duration_of(const JobRow& job) {
    if (!job.start_time || !job.end_time) return "None";
    return format_hms(*job.end_time - *job.start_time);
}

std::string facts(const JobRow& job) {
    std::string text;
    if (job.state == JobState::finished && job.health == JobHealth::incomplete)
        text += "Error message: " + job.failure_comment.value_or("see the log") + "\n";
    text += "Device details: " + job.actual_device.value_or("None") + " (" +
            job.requested_device_type.value_or("None") + ")\n";
    text += "Priority: " + std::to_string(job.priority) + "\n";
    text += "Submitted on: " + python_time(job.submit_time) + "\n";
    text += "Started on: " + python_time(job.start_time) + "\n";
    text += "Finished on: " + python_time(job.end_time) + "\n";
    text += "Duration: " + duration_of(job) + "\n";
    return text;
}

std::string metadata_text(const JobRow& job) {
    std::string text = "\nMetadata:\n";
    for (const auto& [key, value] : shown_metadata(job)) text += "  " + key + ": " + value + "\n";
    return text;
}

std::string results_text(Database& db, JobId job) {
    std::string text, suite;
    const auto rows = Results{db}.export_rows(job, {}, most_cases);
    for (const auto& row : rows) {
        if (row.suite_name != suite) text += "\nResults of suite " + row.suite_name + ":\n";
        suite = row.suite_name;
        text += "  " + row.name + ": " + std::string{to_string(row.result)};
        if (row.measurement) text += " (" + *row.measurement + " " + row.units + ")";
        text += "\n";
    }
    if (rows.size() == most_cases) text += "  and more; the lab has all\n";
    return text;
}

}  // namespace

MailText mail_text(Database& db, const JobRow& job, const Notify& notify, const std::string& lab_url) {
    const auto number = std::to_string(job.id.value);
    MailText mail;
    mail.subject = "LAVA notification for Test Job " + number + " " + job.description;
    mail.body = "Hello,\n\nThe job with ID # " + number + " is now in state " + std::string{to_string(job.state)} +
                " and health " + std::string{to_string(job.health)} + ". Job was submitted by " + job.submitter +
                ".\n\n";
    mail.body += "The job is at " + lab_url + "/api/v0.2/jobs/" + number + "/ and its log at " + lab_url +
                 "/api/v0.2/jobs/" + number + "/logs/\n";
    if (notify.verbosity == Verbosity::status_only) return mail;
    mail.body += "\n" + facts(job);
    if (notify.verbosity == Verbosity::quiet) return mail;
    mail.body += metadata_text(job) + results_text(db, job.id) + comparison_text(db, job, notify.comparison);
    return mail;
}

}  // namespace patchbay
