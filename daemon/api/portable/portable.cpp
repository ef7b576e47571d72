// SPDX-License-Identifier: Apache-2.0
// Portable jobs over the API: what one becomes on a device type, and the results of all its jobs in one table.
#include <algorithm>

#include "core/config/yaml.hpp"
#include "core/text.hpp"
#include "core/worker.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/portable/recipes.hpp"
#include "daemon/api/portable/submission.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/portable_jobs.hpp"
#include "daemon/store/results.hpp"
#include "jobs/portable/lower.hpp"
#include "jobs/portable/result_table.hpp"

namespace patchbay {
namespace {

PortableSubmission read_or_refuse(const std::string& text) {
    auto portable = read_portable_submission(text);
    constexpr auto what = "This is no portable job; one begins with 'portable: 1', or is JSON of KernelCI's pull labs.";
    if (!portable) throw field_error("definition", what);
    return std::move(*portable);
}

/// The last attempt at one part, as far as somebody may see.
struct LastAttempt {
    std::string recipe;
    JobRow job;
    std::vector<std::string> earlier;
};

std::vector<LastAttempt> last_attempts(Database& db, std::int64_t portable_job, const Viewer& viewer) {
    std::vector<LastAttempt> last;
    for (const auto& part : PortableJobs{db}.parts(portable_job)) {
        auto job = Jobs{db}.find(part.job, viewer);
        if (!job) continue;
        const auto before = std::ranges::find(last, part.recipe, &LastAttempt::recipe);
        if (before == last.end()) {
            last.push_back({part.recipe, std::move(*job), {}});
        } else {
            before->earlier.push_back(before->job.display_id());
            before->job = std::move(*job);
        }
    }
    return last;
}

ResultColumn column_of(Database& db, const LastAttempt& last) {
    const auto& job = last.job;
    ResultColumn column{
        last.recipe, job.display_id(), lower_case(to_string(job.state)), lower_case(to_string(job.health)),
        {},          last.earlier};
    for (const auto& result : Results{db}.export_rows(job.id, std::nullopt)) {
        if (result.suite_name == "lava") continue;
        const auto set = result.set_name ? *result.set_name + "/" : std::string{};
        auto& stored = column.results[plain_suite(result.suite_name) + "/" + set + result.name];
        stored = worse_result(stored, std::string{to_string(result.result)});
    }
    return column;
}

/// What its text expects. It was checked when it was handed in, perhaps by other rules.
Expectations expectations_of(const std::string& definition) {
    try {
        const auto document = config::parse_yaml(definition);
        const auto* expect = document.find("expect");
        config::Problems of_that_time{"job"};
        return expect ? Expectations::read(*expect, of_that_time) : Expectations{};
    } catch (const config::YamlError&) {
        return {};
    }
}

void write_table(JsonWriter& json, const std::vector<ResultColumn>& columns, const Expectations& expected) {
    json.key("jobs").begin_array();
    for (const auto& column : columns) {
        json.begin_object().member("job", column.job).member("device_type", column.device_type);
        json.member("state", column.state).member("health", column.health).key("earlier").begin_array();
        for (const auto& job : column.earlier) json.value(job);
        json.end_array().end_object();
    }
    json.end_array().key("tests").begin_array();
    for (const auto& row : result_table(columns, expected)) {
        json.begin_object().member("test", row.test).member("equal", row.equal).key("results").begin_array();
        for (const auto& cell : row.cells) {
            json.begin_object();
            if (cell.result.empty()) {
                json.member("result", nullptr);
            } else {
                json.member("result", cell.result);
            }
            if (cell.mark) json.member("mark", to_string(*cell.mark));
            json.end_object();
        }
        json.end_array().end_object();
    }
    json.end_array();
}

}  // namespace

Task<Response> lower_job(Call& call) {
    const Fields fields{call.request};
    auto read = [text = fields.required_text("definition")] { return read_or_refuse(text); };
    const auto portable = co_await on_worker(call.lab.checkers, std::move(read));
    auto job = portable.job;
    if (const auto on = fields.text("on"); on && !on->empty()) job.where = {*on};
    auto viewer = call.viewer();
    const auto choice = co_await recipes_for(call.lab, call.user, std::move(viewer), job);
    const auto& recipes = choice.chosen;
    auto lower_them = [recipes, job] { return lower_all(job, recipes); };
    const auto texts = co_await on_worker(call.lab.checkers, std::move(lower_them));
    JsonWriter json;
    json.begin_object().key("results").begin_array();
    for (std::size_t i = 0; i < recipes.size(); ++i) {
        json.begin_object().member("device_type", recipes[i].name).member("definition", texts[i]).end_object();
    }
    json.end_array().key("unused").begin_array();
    for (const auto& line : portable.unused) json.value(line);
    json.end_array().end_object();
    co_return json_answer(200, json.take());
}

Task<Response> show_portable_job(Call& call) {
    auto read = [id = path_number(call, 0), viewer = call.viewer()](Database& db) -> std::optional<std::string> {
        const auto portable = PortableJobs{db}.find(id);
        if (!portable) return std::nullopt;
        std::vector<ResultColumn> columns;
        for (const auto& last : last_attempts(db, id, viewer)) columns.push_back(column_of(db, last));
        if (columns.empty()) return std::nullopt;
        JsonWriter json;
        json.begin_object().member("id", portable->id).member("name", portable->name);
        write_table(json, columns, expectations_of(portable->definition));
        json.end_object();
        return json.take();
    };
    auto text = co_await read_store(call.lab, Cost::scan, std::move(read));
    if (!text) throw not_found();
    co_return json_answer(200, std::move(*text));
}

}  // namespace patchbay
