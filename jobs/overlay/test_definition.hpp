// SPDX-License-Identifier: Apache-2.0
#pragma once
// One entry of a job's `definitions`, and the file it names (lava_dispatcher/actions/deploy/testdef.py).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

enum class SignalMode { standard_output, kernel_message };

struct TestDefinitionSource {
    enum class From { git, url, inline_map };

    From from = From::inline_map;
    config::Value repository;  ///< a URL, or the map of an inline definition
    std::string path;          ///< of the definition file in the repository
    std::string name;
    config::Map parameters;  ///< `parameters`, then what `params` adds
    std::string branch;
    std::string revision;
    bool recursive = false;
    bool history = true;
    bool shallow = true;
    std::string compression;
    unsigned strip_components = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::string> skip_install;  ///< keys sources deps steps git-repos all
    SignalMode signal = SignalMode::standard_output;
    std::optional<std::vector<std::string>> expected;

    bool skips(std::string_view part) const;
    std::string repository_text() const;  ///< the URL; "" for inline
    std::string_view from_text() const;   ///< "git", "url", "inline"
    /// "inline-repo-action", "git-repo-action", "url-repo-action".
    std::string action_name() const;
};

/// Reads one entry. Throws: JobError naming the key that is missing or wrong.
TestDefinitionSource read_test_definition_source(const config::Value& entry);

/// What LAVA's validation says about the definitions of one namespace, in its words; empty when all is well.
std::vector<std::string> check_test_definitions(const std::vector<TestDefinitionSource>& definitions);

/// A definition file, read.
struct TestDefinition {
    config::Map document;
    config::Map parameters;  ///< `params`, then `parameters`
    std::vector<std::string> run_steps;
    bool has_install = false;
    std::vector<std::string> install_keys, install_sources, install_deps, install_steps;
    config::List git_repos;
    std::optional<std::string> pattern;  ///< of `parse`
    std::optional<config::Map> fixup;    ///< `fixupdict` of `parse`; serves the results of signals, too
    std::optional<std::vector<std::string>> expected;
};

/// `distro` adds the deps-<distro> packages.
/// Throws: JobError "Unable to open test definition '<path>': ..." (or what in it is of a wrong type).
TestDefinition read_test_definition(const std::string& yaml, const std::string& path, std::string_view distro);

}  // namespace patchbay
