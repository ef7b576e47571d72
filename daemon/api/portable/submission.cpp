// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/portable/submission.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "core/config/yaml.hpp"
#include "core/worker.hpp"
#include "daemon/api/portable/recipes.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/portable_choices.hpp"
#include "daemon/store/portable_jobs.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"
#include "jobs/portable/lower.hpp"
#include "jobs/portable/pull_lab.hpp"

namespace patchbay {
namespace {

/// Most jobs are LAVA's, and are not parsed twice for this.
bool may_be_portable(const std::string& text) {
    return text.find("portable") != std::string::npos || text.find("\"environment\"") != std::string::npos;
}

std::vector<CheckedDefinition> check_all(const std::vector<std::string>& texts) {
    std::vector<CheckedDefinition> checked;
    for (const auto& text : texts) checked.push_back(check_definition(text));
    return checked;
}

/// By recipe. What this submitter could not hand in for another type is no choice.
std::vector<std::pair<std::string, NewJob>> choices_of(const std::vector<Recipe>& recipes,
                                                       std::vector<CheckedDefinition> checked, UserId submitter,
                                                       Database& db, const Settings& settings) {
    std::vector<std::pair<std::string, NewJob>> choices;
    for (std::size_t i = 0; i < recipes.size(); ++i) {
        try {
            choices.emplace_back(recipes[i].name, make_job(std::move(checked[i]), submitter, db, settings));
        } catch (const SubmissionRefused& refusal) {
            spdlog::debug("a portable job cannot run there type={} reason=\"{}\"", recipes[i].name, refusal.what());
        }
    }
    return choices;
}

}  // namespace

std::vector<std::string> lower_all(const PortableJob& job, const std::vector<Recipe>& recipes) {
    std::vector<std::string> texts;
    for (const auto& recipe : recipes) texts.push_back(config::dump_yaml(lower(job, recipe)));
    return texts;
}

std::optional<PortableSubmission> read_portable_submission(const std::string& text) {
    if (!may_be_portable(text)) return std::nullopt;
    config::Value document;
    try {
        document = config::parse_yaml(text);
    } catch (const config::YamlError&) {
        return std::nullopt;  // whoever reads it as a LAVA job says what is wrong
    }
    try {
        if (is_portable(document)) return PortableSubmission{read_portable_job(document, "job"), text};
        if (is_pull_lab(document)) {
            std::vector<std::string> unused;
            auto job = read_pull_lab(document, "job", unused);
            return PortableSubmission{std::move(job), text, std::move(unused)};
        }
    } catch (const ConfigurationError& error) {
        throw SubmissionRefused{SubmissionRefused::Reason::bad_data, error.what()};
    }
    return std::nullopt;
}

Task<SubmittedJob> submit_portable(Services& lab, UserRow submitter, PortableSubmission portable) {
    auto& reader = lab.store.reader();
    auto viewer = viewer_of(reader, submitter);
    const auto recipes = co_await recipes_for(lab, submitter, std::move(viewer), portable.job);
    auto check = [recipes, job = portable.job] {
        return std::pair{check_all(lower_all(job, recipes.chosen)), check_all(lower_all(job, recipes.others))};
    };
    auto checked = co_await on_worker(lab.checkers, std::move(check));
    std::vector<NewJob> jobs;
    for (auto& each : checked.first) jobs.push_back(make_job(std::move(each), submitter.id, reader, lab.settings));
    auto choices = choices_of(recipes.others, std::move(checked.second), submitter.id, reader, lab.settings);

    const auto id = std::make_shared<std::int64_t>();
    auto join = [id, recipes = recipes.chosen, choices = std::move(choices), home = *jobs.front().requested_device_type,
                 user = submitter.id, portable = std::move(portable)](Database& db, const std::vector<JobId>& ids) {
        std::vector<PortablePartRow> parts;
        for (std::size_t i = 0; i < ids.size(); ++i) parts.push_back({ids[i], recipes[i].name});
        *id = PortableJobs{db}.insert(user, portable.job.name, portable.text, parts);
        for (const auto& [recipe, job] : choices) PortableChoices{db}.insert(ids.front(), home, recipe, job);
    };
    const auto ids = co_await lab.scheduler.submit_all(std::move(jobs), lab.settings.queue_limits, std::move(join));
    SubmittedJob submitted;
    submitted.job = ids.front();
    submitted.jobs = ids;
    submitted.portable_job = *id;
    co_return submitted;
}

}  // namespace patchbay
