// SPDX-License-Identifier: Apache-2.0
// patchbay validate: what a lab would say about a file, without a lab.
#include "cli/commands/commands.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"

namespace patchbay::cli {
namespace {

struct Verdict {
    bool valid = false;
    std::string text;
};

Verdict invalid(const std::string& what, const std::string& why) { return {false, what + " invalid: " + why}; }

bool is_test_definition(const config::Value& document) {
    const auto* metadata = document.find("metadata");
    return metadata && text_at(*metadata, "format").starts_with("Lava-Test Test Definition");
}

Verdict judge(const std::string& text, Strictness strictness) {
    config::Value document;
    try {
        document = config::parse_yaml(text);
    } catch (const config::YamlError& error) {
        return invalid("Job", error.what());
    }
    if (is_test_definition(document)) {
        const auto problem = validate_test_definition(document);
        return problem ? invalid("Test definition", *problem) : Verdict{true, "Test definition valid."};
    }
    // The gate of every submission first; then what is inside the actions.
    if (const auto problem = submission_problem(document)) return invalid("Job", *problem);
    if (const auto problem = validate_job(document, strictness)) return invalid("Job", problem->text());
    return {true, "Job valid."};
}

}  // namespace

Exit validate(const ValidateOptions& options, Session& session) {
    auto end = Exit::ok;
    for (const auto& file : options.files) {
        const auto verdict = judge(read_text(file), options.strict ? Strictness::strict : Strictness::lenient);
        if (!verdict.valid) end = Exit::rejected;
        if (session.json()) {
            config::Map line;
            put(line, "file", file);
            put(line, "valid", verdict.valid);
            put(line, "message", verdict.text);
            session.print(config::Value{std::move(line)});
        } else {
            session.terminal.out << file << ": "
                                 << session.terminal.paint(verdict.valid ? Colour::green : Colour::red, verdict.text)
                                 << "\n";
        }
    }
    return end;
}

}  // namespace patchbay::cli
