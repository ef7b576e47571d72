// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/comparison.hpp"

#include <algorithm>
#include <map>

#include "core/errors.hpp"
#include "daemon/notify/callback_url.hpp"
#include "daemon/notify/job_conditions.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t jobs_listed = 5;
constexpr std::int64_t most_cases = 10'000;
// As for `dependency_query`: what a query may cost is not its author's to say.
constexpr std::int64_t jobs_looked_at = 10'000;

using Outcomes = std::map<std::pair<std::string, std::string>, CaseResult>;

Outcomes outcomes_of(const std::vector<CaseRow>& rows, const std::vector<std::string>& blacklist) {
    const auto is_left_out = [&](const std::string& name) {
        return std::find(blacklist.begin(), blacklist.end(), name) != blacklist.end();
    };
    Outcomes outcomes;
    for (const auto& row : rows)
        if (!is_left_out(row.suite_name) && !is_left_out(row.name)) outcomes[{row.suite_name, row.name}] = row.result;
    return outcomes;
}

std::string word(const Outcomes& outcomes, const Outcomes::key_type& key) {
    const auto found = outcomes.find(key);
    return found == outcomes.end() ? "missing" : std::string{to_string(found->second)};
}

std::string line_of(const JobRow& job) {
    return "  " + std::to_string(job.id.value) + " " + std::string{to_string(job.state)} + " " +
           std::string{to_string(job.health)} + " " + python_time(job.end_time) + " " + job.description + "\n";
}

}  // namespace

std::string differences(const std::vector<CaseRow>& now, const std::vector<CaseRow>& before,
                        const std::vector<std::string>& blacklist) {
    const auto is = outcomes_of(now, blacklist), was = outcomes_of(before, blacklist);
    auto all = is;
    all.insert(was.begin(), was.end());
    std::string text;
    for (const auto& [key, ignored] : all) {
        const auto new_word = word(is, key), old_word = word(was, key);
        if (new_word != old_word)
            text += "  " + key.first + "/" + key.second + ": " + new_word + ", was " + old_word + "\n";
    }
    return text;
}

std::string comparison_text(Database& db, const JobRow& job, const Comparison& comparison) {
    if (comparison.conditions.empty()) return {};
    const auto submitter = Users{db}.find(job.submitter);
    if (!submitter) return {};
    Query query;
    query.limit = jobs_listed + 1;
    try {
        query.conditions = parse_job_conditions(comparison.conditions);
    } catch (const JobError& error) {
        return std::string{"\nComparison: "} + error.what() + "\n";
    }
    const auto later = *find_filter(QueryList::jobs, "id__gt");
    query.conditions.push_back({later.field, later.lookup, {job.id.value - jobs_looked_at}, false, {}});
    auto others = Jobs{db}.list(query, viewer_of(db, submitter));
    std::erase_if(others, [&](const JobRow& other) { return other.id == job.id; });
    if (others.size() > jobs_listed) others.resize(jobs_listed);
    std::string text = "\nThe last jobs of the query:\n";
    const JobRow* reference = nullptr;
    for (const auto& other : others) {
        text += line_of(other);
        if (!reference && other.health == JobHealth::complete) reference = &other;
    }
    if (!reference) return text + "None of them was Complete, so that there is nothing to compare with.\n";
    Results results{db};
    const auto changes = differences(results.export_rows(job.id, {}, most_cases),
                                     results.export_rows(reference->id, {}, most_cases), comparison.blacklist);
    text += "\nCompared with job " + std::to_string(reference->id.value) + ":\n";
    return text + (changes.empty() ? "  no case differs\n" : changes);
}

}  // namespace patchbay
