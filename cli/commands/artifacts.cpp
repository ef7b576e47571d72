// SPDX-License-Identifier: Apache-2.0
// patchbay artifacts: the files that a job left.
#include <filesystem>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/text/table.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"

namespace patchbay::cli {
namespace {

/// The name is the server's word: it stays in the folder.
std::filesystem::path file_in(const std::filesystem::path& folder, const std::string& name) {
    if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos)
        throw UserError{"the server names a file '" + name + "', which is none of a folder; it is not written"};
    return folder / name;
}

void fetch(const ArtifactsOptions& options, const std::vector<std::string>& names, Session& session) {
    try {
        std::filesystem::create_directories(options.output_dir);
        for (const auto& name : names) {
            const auto file = file_in(options.output_dir, name);
            write_whole_file(file, session.lab().document(options.job, "artifacts/" + name));
            session.terminal.out << file.string() << "\n";
        }
    } catch (const InfrastructureError& error) {
        throw UserError{error.what()};
    } catch (const std::filesystem::filesystem_error& error) {
        throw UserError{"cannot make " + options.output_dir + ": " + error.code().message()};
    }
}

}  // namespace

Exit artifacts(const ArtifactsOptions& options, Session& session) {
    check_job_id(options.job);
    const auto all = session.lab().list(job_path(options.job, "artifacts"), "", 0);
    if (session.json()) session.print(config::Value{all});
    Table table{{{"NAME"}, {"TYPE"}, {"BYTES", Align::right}}};
    std::vector<std::string> names;
    for (const auto& artifact : all) {
        names.push_back(text_at(artifact, "name"));
        table.add({{names.back(), Colour::bold},
                   {text_at(artifact, "type")},
                   {std::to_string(int_at(artifact, "size").value_or(0))}});
    }
    auto& terminal = session.terminal;
    if (!options.output_dir.empty())
        fetch(options, names, session);
    else if (!session.json() && table.empty())
        terminal.out << "job " << options.job << " left no files\n";
    else if (!session.json())
        terminal.out << table.str(terminal.width, terminal.paint);
    return Exit::ok;
}

}  // namespace patchbay::cli
