// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "daemon/import/import_lava.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto heading =
    "# Made of a LAVA server's files by `patchbay import lava`. What they do not say: which device hangs on which "
    "worker\n"
    "# (`worker: NAME`), tags, who may use a device. docs/configuration.md has every key.\n";

void refuse_existing(const std::vector<fs::path>& targets) {
    std::string there;
    for (const auto& target : targets) {
        std::error_code error;
        if (fs::symlink_status(target, error).type() != fs::file_type::not_found)
            there += (there.empty() ? "" : ", ") + target.string();
    }
    if (!there.empty())
        throw ConfigurationError{"nothing was written: " + there + " exists; give another folder with --output"};
}

}  // namespace

void write_lava_import(const LavaImport& import, const fs::path& output) {
    std::vector<fs::path> targets{output / "lab.yaml"};
    for (const auto& copy : import.copies) targets.push_back(copy.to);
    refuse_existing(targets);
    for (const auto& copy : import.copies) {
        std::error_code error;
        fs::create_directories(copy.to.parent_path(), error);
        if (!error) fs::copy_file(copy.from, copy.to, fs::copy_options::none, error);
        if (error)
            throw InfrastructureError{"cannot write " + copy.to.string() + ": " + error.message() +
                                      "; check the space and the rights of " + output.string()};
    }
    fs::create_directories(output);
    write_whole_file(output / "lab.yaml", heading + config::dump_yaml(config::Value{import.lab}));
}

}  // namespace patchbay
