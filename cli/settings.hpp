// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which server, as whom.

#include <filesystem>
#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace patchbay::cli {

/// What the command line says about it; empty means not given. A token is never an argument: argv is public.
struct ServerOptions {
    std::string server;
    std::string token_file;
};

struct Settings {
    std::string server;  ///< without a slash at the end
    std::string token;   ///< empty: anonymous
    std::vector<std::string> warnings;
};

/// $XDG_CONFIG_HOME/patchbay/cli.yaml, else ~/.config/patchbay/cli.yaml; empty when neither variable is set.
std::filesystem::path settings_file(const Environment& environment);

/// server: --server, PATCHBAY_SERVER, `server:` of the file, http://127.0.0.1:8080.
/// token:  --token-file, PATCHBAY_TOKEN, `token:` of the file. The file's token goes only to the file's server, so
///         that naming another server cannot send it to a stranger.
/// Throws: UserError (unreadable token file, no http address), ConfigurationError (every mistake in the file).
Settings load_settings(const ServerOptions& options, const Environment& environment);

}  // namespace patchbay::cli
