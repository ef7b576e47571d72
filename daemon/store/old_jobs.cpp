// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/old_jobs.hpp"

#include "daemon/store/artifacts.hpp"

namespace patchbay {
namespace {

/// Old enough, and nobody waits for it: a callback that is still to be sent reads the job and its log, and
/// the server that lent us the job hears all of it.
constexpr std::string_view of_no_use = R"sql(
    end_time < $1 AND state = 5
    AND NOT EXISTS (SELECT 1 FROM attached_job WHERE attached_job.job = job.id AND attached_job.ended IS NULL)
    AND NOT EXISTS (SELECT 1 FROM notification WHERE notification.job = job.id AND notification.phase IN (0, 1))
)sql";

}  // namespace

std::vector<JobId> OldJobs::jobs(std::string_view sql, WallTime limit) {
    auto rows = db_.run(sql, limit);
    std::vector<JobId> jobs;
    while (rows->step()) jobs.push_back(JobId{rows->integer(0)});
    return jobs;
}

std::vector<JobId> OldJobs::ended_before(WallTime limit) {
    static const auto sql = "SELECT id FROM job WHERE " + std::string{of_no_use} + " ORDER BY end_time";
    return jobs(sql, limit);
}

std::vector<JobId> OldJobs::with_log_before(WallTime limit) {
    static const auto sql = "SELECT id FROM job WHERE " + std::string{of_no_use} +
                            " AND (EXISTS (SELECT 1 FROM log_chunk WHERE log_chunk.job = job.id)"
                            " OR EXISTS (SELECT 1 FROM artifact WHERE artifact.job = job.id)) ORDER BY end_time";
    return jobs(sql, limit);
}

/// At most 2 MB of text, compressed to a tenth of that.
bool OldJobs::remove_chunks(JobId job) {
    constexpr auto sql = R"sql(
        DELETE FROM log_chunk WHERE job = $1 AND first_line IN
            (SELECT first_line FROM log_chunk WHERE job = $1 ORDER BY first_line LIMIT 32)
    )sql";
    return db_.change(sql, job) == 32;
}

bool OldJobs::remove_log_piece(JobId job, WallTime now) {
    db_.change("UPDATE job SET log_removed = $1 WHERE id = $2 AND log_removed IS NULL", now, job);
    return remove_chunks(job) || Artifacts{db_}.remove_piece(job);
}

bool OldJobs::remove_piece(JobId job) {
    constexpr auto cases_sql = R"sql(
        DELETE FROM test_case WHERE id IN (SELECT id FROM test_case WHERE job = $1 LIMIT 500)
    )sql";
    db_.change("DELETE FROM job_text WHERE job = $1", job);  // a job without its text is not found any more
    if (remove_chunks(job) || Artifacts{db_}.remove_piece(job) || db_.change(cases_sql, job) == 500) return true;
    db_.change("UPDATE device SET last_health_report_job = NULL WHERE last_health_report_job = $1", job);
    db_.change("DELETE FROM job WHERE id = $1 AND state = 5", job);  // the rest goes with it
    return false;
}

bool OldJobs::remove(JobId job) {
    constexpr auto sql = R"sql(
        SELECT job.state = 5 AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.job = job.id AND lease.phase < 3),
            EXISTS (SELECT 1 FROM attached_job WHERE attached_job.job = job.id AND attached_job.ended IS NULL)
        FROM job JOIN job_text ON job_text.job = job.id WHERE job.id = $1
    )sql";
    const auto name = "job " + std::to_string(job.value);
    {
        auto row = db_.run(sql, job);
        if (!row->step()) return false;
        if (row->integer(0) == 0)
            throw JobError{name +
                           ": has a device, which is left safe first; cancel it, and delete it when it is Finished"};
        if (row->integer(1) != 0)
            throw JobError{name + ": the server that lent it has not heard of its end; delete it when that has"};
    }
    while (remove_piece(job)) {
    }
    return true;
}

}  // namespace patchbay
