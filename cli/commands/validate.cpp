// SPDX-License-Identifier: Apache-2.0
// patchbay validate: what a lab would say about files, without a lab.
#include "cli/commands/commands.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "cli/text/utf8.hpp"
#include "core/config/yaml.hpp"
#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"
#include "jobs/portable/portable_job.hpp"
#include "jobs/portable/pull_lab.hpp"

namespace patchbay::cli {
namespace {

struct Verdict {
    Exit end = Exit::ok;
    std::string kind = "Job";  ///< of document
    std::string message{};
    schema::Path path{};
    bool names_place = true;            ///< the message does
    std::vector<std::string> unused{};  ///< what it says and nothing reads
    bool ok() const { return end == Exit::ok; }
};

Verdict refused_by_gate(JobProblem problem) {
    return {Exit::rejected, "Job", std::move(problem.message), std::move(problem.path)};
}

Verdict refused_by_full_schema(JobProblem problem) {
    const bool placed = problem.path.empty();
    return {Exit::rejected, "Job", std::move(problem.message), std::move(problem.path), placed};
}

bool is_test_definition(const config::Value& document) {
    const auto* metadata = document.find("metadata");
    return metadata && text_at(*metadata, "format").starts_with("Lava-Test Test Definition");
}

Verdict judge_test_definition(const config::Value& document) {
    auto problem = validate_test_definition(document);
    if (!problem) return {.kind = "Test definition"};
    return {Exit::rejected, "Test definition", problem->text(), std::move(problem->path)};
}

Verdict judge_portable(const config::Value& document) {
    try {
        Verdict verdict{.kind = is_portable(document) ? "Portable job" : "Pull-lab job"};
        if (is_portable(document)) {
            read_portable_job(document, "job");
        } else {
            read_pull_lab(document, "job", verdict.unused);
        }
        return verdict;
    } catch (const ConfigurationError& error) {
        return {Exit::rejected, is_portable(document) ? "Portable job" : "Pull-lab job", error.what()};
    }
}

/// What patchbayd asks when a job is handed in, then what is inside its actions.
Verdict judge_for_lab(const std::string& text, Strictness strictness) {
    config::Value document;
    try {
        document = config::parse_yaml(text);
    } catch (const config::YamlError& error) {
        return refused_by_gate({error.what(), {}});
    }
    if (is_test_definition(document)) return judge_test_definition(document);
    if (is_portable(document) || is_pull_lab(document)) return judge_portable(document);
    if (auto problem = submission_problem(document)) return refused_by_gate(std::move(*problem));
    if (auto problem = validate_job(document, strictness)) return refused_by_full_schema(std::move(*problem));
    return {};
}

Verdict judge(const std::string& file, const ValidateOptions& options) {
    std::string text;
    try {
        text = read_text(file);
    } catch (const UserError& error) {
        return {Exit::trouble, "", error.what()};
    }
    if (!options.schema) return judge_for_lab(text, options.strict ? Strictness::strict : Strictness::lenient);
    auto problem = judge_job(text, *options.schema);
    if (!problem) return {};
    return *options.schema == JobSchema::gate ? refused_by_gate(std::move(*problem))
                                              : refused_by_full_schema(std::move(*problem));
}

void print_json(const std::string& file, Verdict verdict, Session& session) {
    config::Map line;
    put(line, "file", file);
    put(line, "ok", verdict.ok());
    put(line, "path", verdict.path.values());
    put(line, "msg", std::move(verdict.message));
    put(line, "unused", config::List{verdict.unused.begin(), verdict.unused.end()});
    session.print(config::Value{std::move(line)});
}

void print_text(const std::string& file, const Verdict& verdict, Terminal& terminal) {
    if (verdict.end == Exit::trouble) {
        terminal.err << terminal.err_paint(Colour::red, "patchbay:") << " " << one_line(verdict.message) << "\n";
        return;
    }
    auto words = verdict.kind + (verdict.ok() ? " valid." : " invalid: " + verdict.message);
    if (!verdict.names_place) words += " @ " + verdict.path.as_list();
    const auto colour = verdict.ok() ? Colour::green : Colour::red;
    terminal.out << one_line(file) << ": " << terminal.paint(colour, one_line(words)) << "\n";
    for (const auto& line : verdict.unused)
        terminal.out << one_line(file) << ": " << terminal.paint(Colour::yellow, one_line(line)) << "\n";
}

}  // namespace

Exit validate(const ValidateOptions& options, Session& session) {
    auto end = Exit::ok;
    for (const auto& file : options.files) {
        auto verdict = judge(file, options);
        end = worse(end, verdict.end);
        if (session.json())
            print_json(file, std::move(verdict), session);
        else
            print_text(file, verdict, session.terminal);
    }
    return end;
}

}  // namespace patchbay::cli
