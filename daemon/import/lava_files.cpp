// SPDX-License-Identifier: Apache-2.0
#include "daemon/import/lava_files.hpp"

#include <algorithm>

#include "core/errors.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator{folder, error}) paths.push_back(entry.path());
    std::ranges::sort(paths);
    return paths;
}

/// The files of `folder` with one of the endings; the rest goes to `others`.
std::vector<LavaFile> files_of(const fs::path& folder, std::initializer_list<std::string_view> endings,
                               std::vector<fs::path>& others) {
    std::vector<LavaFile> files;
    for (const auto& path : entries_of(folder)) {
        const auto ending = path.extension().string();
        const bool is_read = std::ranges::find(endings, ending) != endings.end() && !fs::is_directory(path);
        if (is_read) {
            files.push_back({path, path.stem().string()});
        } else {
            others.push_back(path);
        }
    }
    return files;
}

void add_if_there(std::vector<LavaFile>& files, const fs::path& path, const std::string& name) {
    std::error_code error;
    if (fs::exists(path, error)) files.push_back({path, name});
}

/// dispatcher.d/NAME/dispatcher.yaml, or dispatcher.d/NAME.yaml as older servers have it.
void add_workers(LavaFiles& files, const fs::path& folder) {
    for (const auto& path : entries_of(folder)) {
        if (!fs::is_directory(path)) {
            path.extension() == ".yaml" ? files.dispatchers.push_back({path, path.stem().string()})
                                        : files.others.push_back(path);
            continue;
        }
        const auto name = path.filename().string();
        add_if_there(files.dispatchers, path / "dispatcher.yaml", name);
        add_if_there(files.envs, path / "env.yaml", name);
        add_if_there(files.env_duts, path / "env-dut.yaml", name);
    }
}

}  // namespace

LavaFiles find_lava_files(const fs::path& folder) {
    std::error_code error;
    const auto inside = folder / "dispatcher-config";
    const auto config = fs::is_directory(inside, error) ? inside : folder;
    LavaFiles files;
    files.dictionaries = files_of(config / "devices", {".jinja2"}, files.others);
    files.templates = files_of(config / "device-types", {".jinja2"}, files.others);
    files.health_checks = files_of(config / "health-checks", {".yaml", ".yml"}, files.others);
    if (files.dictionaries.empty())
        throw ConfigurationError{folder.string() +
                                 ": has no devices/*.jinja2, also not below dispatcher-config; give the folder that a "
                                 "LAVA server has as /etc/lava-server"};
    // Beside dispatcher-config, and in it on servers of 2020 and before.
    for (const auto& place : {folder, config}) {
        add_workers(files, place / "dispatcher.d");
        add_if_there(files.envs, place / "env.yaml", "");
        add_if_there(files.env_duts, place / "env-dut.yaml", "");
        if (folder == config) break;
    }
    return files;
}

}  // namespace patchbay
