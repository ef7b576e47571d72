// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gets a test's files onto this host (lava_dispatcher/actions/deploy/testdef.py).

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "core/net/address_policy.hpp"
#include "core/task.hpp"
#include "jobs/journal/log_level.hpp"
#include "jobs/overlay/test_definition.hpp"

namespace patchbay {

struct GitClone {
    std::string url;  ///< $NAME and ${NAME} are replaced from `secrets`
    std::filesystem::path directory;
    std::string branch;
    std::string revision;
    bool recursive = false;
    bool history = true;
    bool shallow = true;
    std::map<std::string, std::string> secrets;
    std::vector<std::filesystem::path> allowed_file_paths;  ///< repositories of this host are allowed below these
    AddressPolicy
        addresses;  ///< what may be connected to; of ssh's and git's own protocols the repository's host alone
    std::map<std::string, std::string> environment;  ///< further variables for git
    int tries = 6;
    std::chrono::milliseconds pause{5000};
    std::function<void(LogLevel, const std::string&)> log = [](LogLevel, const std::string&) {};

    GitClone() = default;
};

/// Returns the commit id. Cancellation: safe, git is ended.
/// User and password of a url, and secrets in it, are neither on our command line nor in what is left on the disk or in
/// the log. git's own process for http is given the whole path while it runs: what nobody may see belongs before the
/// '@'. Throws: JobError (git_source.hpp), InfrastructureError "Unable to fetch git repository '<url>'".
Task<std::string> clone_repository(GitClone request, Deadline deadline);

}  // namespace patchbay
