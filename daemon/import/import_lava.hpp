// SPDX-License-Identifier: Apache-2.0
#pragma once
// A LAVA server's files become those of this lab. What cannot be used is named, and the rest goes on without it.

#include <filesystem>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "daemon/import/lava_files.hpp"

namespace patchbay {

enum class Fate {
    used,
    unused,  ///< it should have been
    noted,   ///< nothing here has a use for it
};

struct ImportedFile {
    std::string file;
    Fate fate = Fate::used;
    std::string words;  ///< what became of it, or why not and what to do
};

struct LavaImport {
    std::vector<ImportedFile> files;
    config::Map lab;  ///< lab.yaml
    struct Copy {
        std::filesystem::path from, to;
    };
    std::vector<Copy> copies;
};

/// Reads and judges, and writes nothing. Every dictionary is rendered, and its device file read. `shipped`: folders of
/// further templates, which go behind those of the server. `output`: where the files will be.
/// Throws: NoRenderer.
LavaImport plan_lava_import(const LavaFiles& files, const std::vector<std::filesystem::path>& shipped,
                            const std::filesystem::path& output);

/// Writes lab.yaml and the copies. Nothing that exists is replaced.
/// Throws: ConfigurationError when one of them exists, and then nothing was written; InfrastructureError.
void write_lava_import(const LavaImport& import, const std::filesystem::path& output);

/// The template that a dictionary extends: "beaglebone-black" of {% extends 'beaglebone-black.jinja2' %}; empty: none
/// that is written out. LAVA names a device's health check after it.
std::string extended_template(std::string_view dictionary);

}  // namespace patchbay
