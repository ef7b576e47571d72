// SPDX-License-Identifier: Apache-2.0
// patchbay results: the cases of a job as a table, or in one of the forms that other programs read.
#include "cli/commands/commands.hpp"
#include "cli/results/show.hpp"

namespace patchbay::cli {
namespace {

const char* resource(Export form) {
    switch (form) {
        case Export::csv:
            return "csv";
        case Export::junit:
            return "junit";
        case Export::tap:
            return "tap13";
        case Export::yaml:
            return "yaml";
        case Export::none:
            break;
    }
    return "";
}

void print_export(const ResultsOptions& options, Session& session) {
    if (options.failed) throw UserError{"results: --failed works with the table and --json only"};
    std::string what = resource(options.form);
    if (!options.suite.empty()) {
        if (options.form == Export::junit || options.form == Export::tap)
            throw UserError{"results: --suite works with the table, --json, --csv and --yaml only"};
        what = "suites/" + session.lab().suite_id(options.job, options.suite) + "/" + what;
    }
    session.terminal.out << session.lab().document(options.job, what);
}

Report selected(Report report, const ResultsOptions& options) {
    std::erase_if(report.cases, [&](const TestCase& result) {
        return (!options.suite.empty() && result.suite != options.suite) || (options.failed && result.result != "fail");
    });
    return report;
}

}  // namespace

Exit results(const ResultsOptions& options, Session& session) {
    check_job_id(options.job);
    auto& terminal = session.terminal;
    if (options.form != Export::none) print_export(options, session);
    if (options.form != Export::none && !options.exit_code) return Exit::ok;
    const auto report = session.lab().report(options.job);
    if (options.form == Export::none) {
        if (session.json())
            session.print(report_json(selected(report, options)));
        else
            terminal.out << show_report(report, {options.suite, options.failed}, terminal.width, terminal.paint);
    }
    if (!options.exit_code) return Exit::ok;
    if (!report.finished())
        throw UserError{"job " + options.job + ": not finished, so there is no verdict yet; wait with: patchbay logs " +
                        options.job + " -f"};
    return verdict(report);
}

}  // namespace patchbay::cli
