// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/portable_jobs.hpp"

namespace patchbay {

std::int64_t PortableJobs::insert(UserId submitter, const std::string& name, const std::string& definition,
                                  const std::vector<PortablePartRow>& parts) {
    constexpr auto sql = "INSERT INTO portable_job (submitter_id, name, definition) VALUES ($1, $2, $3) RETURNING id";
    auto row = db_.run(sql, submitter, name, definition);
    row->step();
    const auto id = row->integer(0);
    for (const auto& part : parts) {
        db_.change("INSERT INTO portable_part (job, portable_job, recipe) VALUES ($1, $2, $3)", part.job, id,
                   part.recipe);
    }
    return id;
}

bool PortableJobs::add_attempt(JobId again, JobId job) {
    constexpr auto sql = R"sql(
        INSERT INTO portable_part (job, portable_job, recipe)
        SELECT $1, portable_job, recipe FROM portable_part WHERE job = $2
    )sql";
    return db_.change(sql, again, job) == 1;
}

std::optional<PortableJobRow> PortableJobs::find(std::int64_t id) {
    auto row = db_.run("SELECT id, submitter_id, name, definition FROM portable_job WHERE id = $1", id);
    if (!row->step()) return std::nullopt;
    return PortableJobRow{row->integer(0), UserId{row->integer(1)}, std::string{row->text(2)},
                          std::string{row->text(3)}};
}

std::vector<PortablePartRow> PortableJobs::parts(std::int64_t id) {
    std::vector<PortablePartRow> parts;
    auto row = db_.run("SELECT job, recipe FROM portable_part WHERE portable_job = $1 ORDER BY job", id);
    while (row->step()) parts.push_back({JobId{row->integer(0)}, std::string{row->text(1)}});
    return parts;
}

std::optional<std::int64_t> PortableJobs::of(JobId job) {
    auto row = db_.run("SELECT portable_job FROM portable_part WHERE job = $1", job);
    if (!row->step()) return std::nullopt;
    return row->integer(0);
}

}  // namespace patchbay
