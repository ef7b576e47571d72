// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the address of a test repository means here: who may be asked for it, and what of it is secret.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace patchbay {

struct GitSource {
    /// What git is called with, and what clones keep: without user and password, and with the names of secrets.
    std::string url;
    std::string shown;   ///< for logs and results
    std::string host;    ///< that git connects to; empty for a repository of this host
    bool local = false;  ///< a repository of this host, below an allowed folder
    // Where git goes when a url begins with `named_base` (its url.<base>.insteadOf): so urls of submodules that are
    // relative to this one work too. Empty: nothing of the url is secret.
    std::string secret_base;  ///< "https://example.org/t0ken"
    std::string named_base;   ///< "https://example.org/$TOKEN"
    // What the url said before its '@', for the server and nobody else. Empty when it said nothing.
    std::string server;  ///< "https://example.org:8443"
    std::string user;
    std::optional<std::string> password;  ///< nullopt: the lab may have one for this user. Of a secret user it is ""
};

/// $NAME and ${NAME} are replaced from `secrets`.
/// Throws: JobError, no such repository can be cloned here (a folder that jobs may not read, another protocol, an
/// option of git).
GitSource git_source(const std::string& url, const std::map<std::string, std::string>& secrets,
                     const std::vector<std::filesystem::path>& allowed_file_paths);

/// "https://example.org/x.git" of "https://me:token@example.org/x.git"; other texts as they are.
std::string without_credentials(const std::string& url);

}  // namespace patchbay
