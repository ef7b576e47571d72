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

/// A machine of the job's own: the address comes by a message of its multinode group (`parameters: {hostID, host_key}`
/// of the boot).
struct SshGuest {
    std::string message;  ///< hostID; empty: the target is the machine of the device's file
    std::string key;      ///< host_key: which of its values
};
SshGuest ssh_guest(const ActionBlock& block);

/// `guest`: its address; empty where the target is the machine of the device's file.
/// Throws: JobError, what the group was to say is no address.
SshTarget ssh_target(const JobContext& job, const std::string& guest);

/// Why ssh or scp has ended: its own words, and what to do. `said`: all that it printed; `public_key`: the line that
/// lets this lab in. Empty: it is nothing that it says before it is logged in.
std::string why_no_login(std::string_view said, const std::string& public_key);

}  // namespace patchbay
