// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/portable_choices.hpp"

#include "daemon/store/tag_set.hpp"

namespace patchbay {

void PortableChoices::insert(JobId job, const std::string& home_type, const std::string& recipe, const NewJob& as) {
    constexpr auto sql = R"sql(
        INSERT OR IGNORE INTO portable_choice (job, device_type, home_type, recipe, tag_set, run_limit, definition,
            original_definition, masked, masked_definition, masked_original_definition)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    )sql";
    std::optional<std::int64_t> run_limit;
    if (as.run_limit) run_limit = as.run_limit->count();
    const auto masked = as.masked.value_or(MaskedTexts{});
    db_.change(sql, job, as.requested_device_type, home_type, recipe, format_tag_set(as.tags), run_limit, as.definition,
               as.original_definition, as.masked.has_value(), masked.definition, masked.original_definition);
}

std::vector<PortableChoice> PortableChoices::for_type(const std::string& device_type) {
    constexpr auto sql = R"sql(
        SELECT choice.job, job.submitter_id, choice.home_type, job.tag_set, choice.tag_set, choice.run_limit
        FROM portable_choice AS choice JOIN job ON job.id = choice.job
        WHERE choice.device_type = $1 AND job.state = 0
        ORDER BY job.priority DESC, job.submit_time, job.id LIMIT 64
    )sql";
    std::vector<PortableChoice> choices;
    for (auto row = db_.run(sql, device_type); row->step();) {
        PortableChoice choice;
        choice.job.value = row->integer(0);
        choice.submitter.value = row->integer(1);
        choice.home_type = row->text(2);
        choice.home_tags = row->text(3);
        choice.device_type = device_type;
        choice.tag_set = row->text(4);
        if (const auto seconds = maybe_integer(*row, 5)) choice.run_limit = std::chrono::seconds{*seconds};
        choices.push_back(std::move(choice));
    }
    return choices;
}

std::vector<std::string> PortableChoices::types_beside(const std::string& home_type) {
    constexpr auto sql = "SELECT DISTINCT device_type FROM portable_choice WHERE home_type = $1 ORDER BY device_type";
    std::vector<std::string> types;
    for (auto row = db_.run(sql, home_type); row->step();) types.emplace_back(row->text(0));
    return types;
}

bool PortableChoices::take(const PortableChoice& choice) {
    constexpr auto job = R"sql(
        UPDATE job SET requested_device_type = $1, tag_set = $2,
            run_limit = (SELECT run_limit FROM portable_choice WHERE job = $3 AND device_type = $1)
        WHERE id = $3 AND state = 0 AND EXISTS (SELECT 1 FROM portable_choice WHERE job = $3 AND device_type = $1)
    )sql";
    if (db_.change(job, choice.device_type, choice.tag_set, choice.job) != 1) return false;
    constexpr auto text = R"sql(
        UPDATE job_text SET (definition, original_definition) = (
            SELECT definition, original_definition FROM portable_choice WHERE job = $1 AND device_type = $2)
        WHERE job = $1
    )sql";
    db_.change(text, choice.job, choice.device_type);
    db_.change("DELETE FROM masked_text WHERE job = $1", choice.job);
    constexpr auto masked = R"sql(
        INSERT INTO masked_text (job, definition, original_definition)
        SELECT job, masked_definition, masked_original_definition FROM portable_choice
        WHERE job = $1 AND device_type = $2 AND masked
    )sql";
    db_.change(masked, choice.job, choice.device_type);
    db_.change("DELETE FROM job_tag WHERE job = $1", choice.job);
    for (const auto tag : parse_tag_set(choice.tag_set))
        db_.change("INSERT INTO job_tag (job, tag) VALUES ($1, $2)", choice.job, tag);
    constexpr auto part = R"sql(
        UPDATE portable_part SET recipe = (
            SELECT recipe FROM portable_choice WHERE job = $1 AND device_type = $2)
        WHERE job = $1
    )sql";
    db_.change(part, choice.job, choice.device_type);
    db_.change("DELETE FROM portable_choice WHERE job = $1", choice.job);
    return true;
}

}  // namespace patchbay
