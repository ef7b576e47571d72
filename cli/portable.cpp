// SPDX-License-Identifier: Apache-2.0
#include "cli/portable.hpp"

#include "cli/exit.hpp"
#include "cli/files.hpp"
#include "cli/text/utf8.hpp"
#include "core/config/yaml.hpp"
#include "jobs/portable/lower.hpp"
#include "jobs/portable/pull_lab.hpp"

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
        return lowered;
    } catch (const Error& error) {
        throw UserError{error.what()};
    }
}

void say_unused(const std::vector<std::string>& unused, Terminal& terminal) {
    for (const auto& line : unused)
        terminal.err << terminal.err_paint(Colour::yellow, "patchbay: " + one_line(line)) << "\n";
}

}  // namespace patchbay::cli
