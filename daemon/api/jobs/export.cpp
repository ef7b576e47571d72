// SPDX-License-Identifier: Apache-2.0
// The results of a job, or of one suite, as files.
#include "daemon/api/exports/exports.hpp"

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

/// What is exported: all of a job or one suite, perhaps only a part.
struct Selection {
    JobRow job;
    std::optional<SuiteId> suite;
    std::string filename;  ///< without extension
    std::int64_t limit = 0;
    std::int64_t offset = 0;

    std::vector<CaseRow> rows(Database& db) const { return Results{db}.export_rows(job.id, suite, limit, offset); }
    LogLines log(Database& db) const {
        return [&db, id = job.id](std::int64_t start, std::int64_t end) { return Logs{db}.read(id, start, end); };
    }
};

std::int64_t number_parameter(const Request& request, std::string_view name) {
    const auto* text = request.query_value(name);
    if (!text || text->empty()) return 0;
    const auto number = whole_number(*text);
    if (!number || *number < 0) throw api_error(400, "detail", "'" + std::string{name} + "' is a number: 0 or more.");
    return *number;
}

Selection select_job(const Call& call) {
    Selection selection{find_job(call), std::nullopt, {}, 0, 0};
    selection.filename = "job_" + std::to_string(selection.job.id.value);
    selection.limit = number_parameter(call.request, "limit");
    selection.offset = number_parameter(call.request, "offset");
    return selection;
}

Selection select_suite(const Call& call) {
    auto selection = select_job(call);
    const auto suite = Results{call.lab.store.reader()}.suite(selection.job.id, SuiteId{path_number(call, 1)});
    if (!suite) throw not_found();
    selection.suite = suite->id;
    selection.filename = "suite_" + suite->name;
    return selection;
}

Task<Response> as_csv(Call& call, Selection selection) {
    auto work = [&selection](Database& db) { return export_csv(selection.rows(db), selection.job.id); };
    auto text = co_await call.lab.store.read_on_worker(std::move(work));
    co_return file_answer("application/csv", selection.filename + ".csv", std::move(text));
}

Task<Response> as_yaml(Call& call, Selection selection) {
    auto work = [&selection](Database& db) { return export_yaml(selection.rows(db), selection.job.id); };
    auto text = co_await call.lab.store.read_on_worker(std::move(work));
    co_return file_answer("application/yaml", selection.filename + ".yaml", std::move(text));
}

}  // namespace

Task<Response> job_csv(Call& call) { co_return co_await as_csv(call, select_job(call)); }
Task<Response> job_yaml(Call& call) { co_return co_await as_yaml(call, select_job(call)); }
Task<Response> suite_csv(Call& call) { co_return co_await as_csv(call, select_suite(call)); }
Task<Response> suite_yaml(Call& call) { co_return co_await as_yaml(call, select_suite(call)); }

Task<Response> job_junit(Call& call) {
    auto selection = select_job(call);
    selection.limit = selection.offset = 0;
    const auto* prefix = call.request.query_value("classname_prefix");
    auto work = [&selection, prefix = prefix ? *prefix : std::string{}](Database& db) {
        return export_junit(selection.rows(db), selection.job.end_time, prefix, selection.log(db));
    };
    auto text = co_await call.lab.store.read_on_worker(std::move(work));
    co_return file_answer("application/xml", selection.filename + ".xml", std::move(text));
}

Task<Response> job_tap13(Call& call) {
    auto selection = select_job(call);
    selection.limit = selection.offset = 0;
    auto work = [&selection](Database& db) { return export_tap13(selection.rows(db), selection.log(db)); };
    auto text = co_await call.lab.store.read_on_worker(std::move(work));
    co_return file_answer("application/yaml", selection.filename + ".yaml", std::move(text));
}

}  // namespace patchbay
