// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the address of a test repository means here: who may be asked for it, and what of it is secret.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace patchbay {

struct GitSource {
    std::string url;     ///< for git's command line, which all users of the host can read: without a password
    std::string shown;   ///< for logs and results: without user and password, and with the names of secrets
    bool local = false;  ///< a repository of this host, below an allowed folder
    // What the url said before its '@', for the server and nobody else. Empty without a password.
    std::string server;  ///< "https://example.org:8443"
    std::string user;
    std::string password;
};

/// $NAME and ${NAME} are replaced from `secrets`.
/// Throws: JobError, no such repository can be cloned here (a folder that jobs may not read, another protocol, an
/// option of git).
GitSource git_source(const std::string& url, const std::map<std::string, std::string>& secrets,
                     const std::vector<std::filesystem::path>& allowed_file_paths);

/// "https://example.org/x.git" of "https://me:token@example.org/x.git"; other texts as they are.
std::string without_credentials(const std::string& url);

}  // namespace patchbay
