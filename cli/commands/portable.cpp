// SPDX-License-Identifier: Apache-2.0
// patchbay lower, compare: what a portable job becomes on a device type, and how its jobs went, side by side.
#include "cli/portable.hpp"

#include "cli/commands/commands.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "cli/results/result_cell.hpp"
#include "cli/text/table.hpp"
#include "cli/text/utf8.hpp"

namespace patchbay::cli {
namespace {

Table table_of(const config::Value& portable) {
    std::vector<Column> columns{{"TEST", Align::left, Fit::shrink}};
    std::vector<Cell> jobs{{"job"}}, states{{"health"}}, earlier{{"earlier"}};
    bool any_earlier = false;
    for (const auto& job : list_at(portable, "jobs")) {
        columns.push_back({text_at(job, "device_type")});
        const auto state = text_at(job, "state");
        const auto word = state == "finished" ? text_at(job, "health") : state;
        jobs.push_back({text_at(job, "job"), Colour::dim});
        states.push_back({word, word == "complete" ? Colour::green : Colour::yellow});
        std::string before;
        for (const auto& id : list_at(job, "earlier")) before += (before.empty() ? "" : ", ") + as_text(id);
        any_earlier = any_earlier || !before.empty();
        earlier.push_back({before, Colour::dim});
    }
    columns.push_back({""});
    Table table{std::move(columns)};
    jobs.push_back({""});
    states.push_back({""});
    earlier.push_back({""});
    table.add(std::move(jobs));
    if (any_earlier) table.add(std::move(earlier));
    table.add(std::move(states));
    for (const auto& test : list_at(portable, "tests")) {
        std::vector<Cell> cells{{one_line(text_at(test, "test"))}};
        for (const auto& result : list_at(test, "results"))
            cells.push_back(result_cell(text_at(result, "result"), text_at(result, "mark")));
        const auto* equal = test.find("equal");
        const bool differs = equal && equal->as_bool() && !*equal->as_bool();
        cells.push_back({differs ? "differs" : "", Colour::yellow});
        table.add(std::move(cells));
    }
    return table;
}

/// Is anything there that somebody has to look at?
bool has_bad(const config::Value& portable) {
    for (const auto& job : list_at(portable, "jobs")) {
        if (text_at(job, "state") == "finished" && text_at(job, "health") != "complete") return true;
    }
    for (const auto& test : list_at(portable, "tests")) {
        for (const auto& result : list_at(test, "results")) {
            if (is_bad(text_at(result, "result"), text_at(result, "mark"))) return true;
        }
    }
    return false;
}

}  // namespace

Exit lower(const LowerOptions& options, Session& session) {
    const auto text = read_text(options.file);
    if (!options.recipe.empty()) {
        const auto lowered = lower_here(text, options.file, options.on, options.recipe);
        if (!lowered) throw UserError{options.file + ": no portable job; one begins with 'portable: 1'"};
        say_unused(lowered->unused, session.terminal);
        session.terminal.out << lowered->definition;
        return Exit::ok;
    }
    config::Map fields{{"definition", text}};
    if (!options.on.empty()) fields.set("on", options.on);
    const auto answer = session.lab().post("/api/v0.2/portable_jobs/lower/", std::move(fields), options.file, "");
    if (session.json()) {
        session.print(answer);
        return Exit::ok;
    }
    std::vector<std::string> unused;
    for (const auto& line : list_at(answer, "unused")) unused.push_back(as_text(line));
    say_unused(unused, session.terminal);
    const auto& all = list_at(answer, "results");
    for (const auto& each : all) {
        if (all.size() > 1) session.terminal.out << "# " << text_at(each, "device_type") << "\n";
        session.terminal.out << text_at(each, "definition");
        if (&each != &all.back()) session.terminal.out << "---\n";
    }
    return Exit::ok;
}

Exit compare(const CompareOptions& options, Session& session) {
    const auto portable = session.lab().portable_job(options.job);
    if (session.json())
        session.print(portable);
    else
        session.terminal.out << table_of(portable).str(session.terminal.width, session.terminal.paint);
    if (!options.exit_code) return Exit::ok;
    for (const auto& job : list_at(portable, "jobs")) {
        if (text_at(job, "state") == "finished") continue;
        throw UserError{"job " + text_at(job, "job") +
                        " is not finished, so there is no verdict yet; wait with: patchbay logs " +
                        text_at(job, "job") + " -f"};
    }
    return has_bad(portable) ? Exit::failed_cases : Exit::ok;
}

}  // namespace patchbay::cli
