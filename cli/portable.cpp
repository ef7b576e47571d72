// SPDX-License-Identifier: Apache-2.0
#include "cli/portable.hpp"

#include <set>

#include "cli/exit.hpp"
#include "cli/files.hpp"
#include "cli/text/utf8.hpp"
#include "core/config/yaml.hpp"
#include "jobs/portable/lower.hpp"
#include "jobs/portable/pull_lab.hpp"
#include "jobs/portable/result_table.hpp"

namespace patchbay::cli {
namespace {

config::Value parse(const std::string& text, const std::string& file) {
    try {
        return config::parse_yaml(text);
    } catch (const config::YamlError& error) {
        throw UserError{file + ": " + error.what()};
    }
}

Recipe recipe_from(const std::string& file, const std::string& name) {
    const auto document = parse(read_text(file), file);
    config::Problems problems{file};
    Recipe base;
    base.name = base.device_type = name.empty() ? "board" : name;
    auto recipe = read_recipe(config::MapReader{document, "", problems}, std::move(base));
    problems.raise_if_any();
    return recipe;
}

Recipe machine(const PortableJob& job, const std::string& on) {
    const auto name = on.empty() && job.where.size() == 1 ? job.where.front() : on;
    if (const auto* found = built_in_recipe(name)) {
        auto recipe = *found;
        recipe.name = name;
        return recipe;
    }
    std::string names;
    for (const auto& recipe : built_in_recipes()) names += (names.empty() ? "" : ", ") + recipe.name;
    throw UserError{(name.empty() ? "say what it shall run on with --on: " : "--on " + name + ": here are ") + names +
                    "; for a board give its recipe with --recipe, or ask the lab"};
}

}  // namespace

std::optional<LoweredHere> lower_here(const std::string& text, const std::string& file, const std::string& on,
                                      const std::string& recipe_file) {
    const auto document = parse(text, file);
    if (!is_portable(document) && !is_pull_lab(document)) return std::nullopt;
    try {
        LoweredHere lowered;
        const auto job =
            is_portable(document) ? read_portable_job(document, file) : read_pull_lab(document, file, lowered.unused);
        const auto recipe = recipe_file.empty() ? machine(job, on) : recipe_from(recipe_file, on);
        lowered.definition = config::dump_yaml(lower(job, recipe));
        lowered.device_type = recipe.name;
        lowered.expect = job.expect;
        return lowered;
    } catch (const Error& error) {
        throw UserError{error.what()};
    }
}

void mark_results(Report& report, const LoweredHere& job) {
    if (job.expect.empty()) return;
    std::set<std::string> came;
    for (auto& result : report.cases) {
        if (result.suite == "lava") continue;
        const auto test = plain_suite(result.suite) + "/" + (result.set.empty() ? "" : result.set + "/") + result.name;
        came.insert(test);
        if (const auto mark = job.expect.judge(test, job.device_type, result.result)) result.mark = to_string(*mark);
    }
    for (const auto& [test, by_type] : job.expect.tests()) {
        const auto mark = came.contains(test) ? std::nullopt : job.expect.judge(test, job.device_type, "");
        if (!mark) continue;
        TestCase missing;
        missing.suite = test.substr(0, test.find('/'));
        missing.name = test.substr(test.find('/') + 1);
        missing.mark = to_string(*mark);
        report.cases.push_back(std::move(missing));
    }
}

void say_unused(const std::vector<std::string>& unused, Terminal& terminal) {
    for (const auto& line : unused)
        terminal.err << terminal.err_paint(Colour::yellow, "patchbay: " + one_line(line)) << "\n";
}

}  // namespace patchbay::cli
