// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay {

/// One file, and what LAVA calls the thing that it describes: "bbb-01" for devices/bbb-01.jinja2.
struct LavaFile {
    std::filesystem::path path;
    std::string name;
};

/// What a LAVA server keeps in files about its lab, each list in alphabetical order.
struct LavaFiles {
    std::vector<LavaFile> dictionaries, templates, health_checks;
    std::vector<LavaFile> dispatchers, envs, env_duts;  ///< of workers, by their names; those of all: empty name
    std::vector<std::filesystem::path> others;          ///< in the same folders; LAVA does not read them either
};

/// `folder`: /etc/lava-server, a copy of it, or its dispatcher-config.
/// Throws: ConfigurationError, there is no device in it.
LavaFiles find_lava_files(const std::filesystem::path& folder);

}  // namespace patchbay
