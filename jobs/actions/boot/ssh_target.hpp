// SPDX-License-Identifier: Apache-2.0
#pragma once
// A target that one logs into by ssh: a machine that always runs, or the guest of another job's machine.

#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "devices/ssh_login.hpp"
#include "jobs/definition/definition.hpp"

namespace patchbay {

struct JobContext;

struct SshTarget {
    SshLogin login;                                  ///< without its key
    ErrorType at_fault = ErrorType::infrastructure;  ///< when it cannot be used

    /// "root@board7 port 22"
    std::string name() const;
};

/// What is wrong with the device's actions.deploy.methods.ssh for this boot.
void check_ssh_target(const JobContext& job, const ActionBlock& block, std::vector<std::string>& errors);

/// Throws: JobError, what the group was to say is no address.
SshTarget ssh_target(const JobContext& job, const ActionBlock& block);

/// Why ssh or scp has ended: its own words, and what to do. `said`: all that it printed; `public_key`: the line that
/// lets this lab in. Empty: it is nothing that it says before it is logged in.
std::string why_no_login(std::string_view said, const std::string& public_key);

}  // namespace patchbay
