// SPDX-License-Identifier: Apache-2.0
#pragma once
// From the text that somebody submits to the row that is stored, with LAVA's checks in LAVA's order
// (lava_scheduler_app/schema.py, dbutils.py, models.py).

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/task.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/services.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/rows.hpp"
#include "jobs/definition/multinode.hpp"

namespace patchbay {

/// What is submitted cannot become a job. what() is LAVA's text, without what each of its interfaces puts around it.
struct SubmissionRefused : std::runtime_error {
    enum class Reason { bad_data, missing_key, unknown_tag, devices_unavailable, queue_full };
    SubmissionRefused(Reason why, const std::string& text) : std::runtime_error{text}, reason{why} {}
    Reason reason;
};

/// A definition that LAVA's submission schema accepts.
struct CheckedDefinition {
    config::Map document;
    std::string definition;           ///< dumped again, keys sorted
    std::string original_definition;  ///< as it came
    std::string metadata;             ///< JSON object, scalars as strings
    std::optional<MaskedTexts> masked;
};

/// Pure, and takes as long as the text is large: belongs on a worker.
/// Throws: SubmissionRefused.
CheckedDefinition check_definition(std::string text);

/// A multinode job whose parts have been split off: what each is in the group, and its definition.
struct CheckedGroup {
    struct Part {
        MultinodePart place;
        CheckedDefinition own;
    };
    CheckedDefinition whole;
    std::string target_group;  ///< a new UUID
    std::vector<Part> parts;
};

/// Takes as long as the text is large and the parts are many: belongs on a worker. Throws: SubmissionRefused.
CheckedGroup split_definition(CheckedDefinition whole);

/// Of a job that was read from its text: what others see of it, of that text and of `dumped`, which was made of it.
std::optional<MaskedTexts> masked_texts(const config::Value& job, const std::string& dumped);

/// Checks what only the lab knows: device type, devices, tags, priority, visibility.
/// Throws: SubmissionRefused.
NewJob make_job(CheckedDefinition checked, UserId submitter, Database& db, const Settings& settings);

/// A job for one device that passed no submission here, such as one that another server sends. As in LAVA it does not
/// pass the submission schema, and its device_type does not matter.
/// Throws: JobError naming what it lacks.
NewJob read_own_job(std::string text);

/// A job that the lab runs by itself: what could not become a job is found here, not when a device is to be checked.
/// Throws: JobError naming what is wrong with the definition.
NewJob read_health_check(std::string text);

/// make_job() for a multinode job. Throws: SubmissionRefused.
NewGroup make_group(CheckedGroup checked, UserId submitter, Database& db, const Settings& settings);

struct SubmittedJob {
    JobId job;                         ///< of a multinode job the first part
    std::vector<std::string> sub_ids;  ///< of a multinode job "6.0", "6.1", ...; else empty
    std::vector<JobId> jobs;           ///< of a portable job all that it became; else empty
    std::int64_t portable_job = 0;     ///< and its number; of a further attempt, too
};

/// All of it. `also` runs in the transaction that stores a single job.
/// Done when: the job is on the disk. A client that hangs up meanwhile has submitted all the same.
/// Throws: SubmissionRefused, StoreError.
Task<SubmittedJob> submit_definition(Services& lab, UserId submitter, std::string text,
                                     std::function<void(Database&, JobId)> also = {});

/// What `user` reads of the job, submitted anew. Of a part of a portable job it is a further attempt, and its results
/// are in that's table, when it is the same job: whoever may not see its secrets runs another.
/// Throws: as submit_definition().
Task<SubmittedJob> resubmit(Services& lab, JobRow job, UserRow user);

}  // namespace patchbay
