// SPDX-License-Identifier: Apache-2.0
#include "daemon/import_command.hpp"

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/check.hpp"
#include "daemon/import/import_lava.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

// Where Debian's package lava-server has its templates.
constexpr auto lavas_own_templates = "/usr/share/lava-server/device-types";

std::vector<fs::path> shipped_templates(const std::vector<std::string>& given) {
    std::error_code error;
    if (given.empty() && fs::is_directory(lavas_own_templates, error)) return {lavas_own_templates};
    for (const auto& folder : given) {
        if (!fs::is_directory(folder, error))
            throw ConfigurationError{folder + ": no folder with templates; check --templates"};
    }
    return {given.begin(), given.end()};
}

std::string_view word_of(Fate fate) {
    switch (fate) {
        case Fate::used:
            return "used";
        case Fate::unused:
            return "not used";
        case Fate::noted:
            return "left out";
    }
    return "";
}

}  // namespace

ImportCommand::ImportCommand(CLI::App& app) {
    auto* import = app.add_subcommand("import", "take over the files of another lab server");
    import->require_subcommand(1);
    auto* lava = import->add_subcommand("lava", "those of a LAVA server");
    lava->add_option("FOLDER", folder_, "its /etc/lava-server, or a copy")->required();
    lava->add_option("--output", output_, "where lab.yaml and the files that it names go; nothing is replaced");
    lava->add_option("--templates", templates_,
                     "folder of further device-type templates (" + std::string{lavas_own_templates} + ")");
    lava->add_flag("--json", json_, "a line of JSON for each file");
    lava->callback([this] { chosen_ = true; });
}

bool ImportCommand::run(std::ostream& out, std::ostream& bad) const {
    const auto output = fs::absolute(output_).lexically_normal();
    const auto import = plan_lava_import(find_lava_files(folder_), shipped_templates(templates_), output);
    write_lava_import(import, output);
    bool all_used = true;
    for (const auto& [file, fate, words] : import.files) {
        all_used = all_used && fate != Fate::unused;
        if (json_) {
            const config::Map line{{"file", file}, {"fate", word_of(fate)}, {"words", words}};
            out << config::dump_json(line) << "\n";
        } else {
            (fate == Fate::unused ? bad : out) << word_of(fate) << ": " << file << ": " << words << "\n";
        }
    }
    const auto lab = output / "lab.yaml";
    const auto problems = problems_of_file(lab.string());
    for (const auto& problem : problems) bad << problem << "\n";
    if (!json_) {
        const auto* devices = import.lab.find("devices")->as_list();
        out << devices->size() << " devices in " << lab.string() << "; next: patchbay check " << lab.string() << "\n";
    }
    return all_used && problems.empty();
}

}  // namespace patchbay
